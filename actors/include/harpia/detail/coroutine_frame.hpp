// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace harpia::inline v0 {
class socket_base;
}

namespace harpia::inline v0::detail {

/// What a suspended coroutine waits for, as far as the connection must know.
enum class awaited : std::uint8_t { result, drain, message };

/// What a coroutine does for its connection: handle one event, or be the whole conversation, from `open` to `close`.
enum class coroutine_role : std::uint8_t { handler, conversation };

/// A coroutine of a connection, which owns it. The base of the promise of `task`.
///
/// Suspensions have numbers that are unique within the connection: an operation keeps the number of the suspension that it ends, and
/// finds nothing if the coroutine was destroyed meanwhile.
class HARPIA_API coroutine_frame {
public:
  explicit coroutine_frame(socket_base* ws) noexcept : ws_{ws} {}
  coroutine_frame(const coroutine_frame&) = delete;
  coroutine_frame& operator=(const coroutine_frame&) = delete;

  [[nodiscard]] socket_base& ws() const noexcept { return *ws_; }
  /// The handler that it is, for messages about it.
  [[nodiscard]] const char* handler() const noexcept { return handler_; }
  void set_failure(std::exception_ptr thrown) noexcept { failure_ = std::move(thrown); }

  /// Hands `whole` to the connection, and runs it to its first suspension.
  /// @param function what it uses, kept as long as the coroutine
  ///
  /// *Errors* Throws what the coroutine threw.
  void start(std::coroutine_handle<> whole, coroutine_role role, std::shared_ptr<const void> function);
  /// The coroutine suspends, in `innermost`, which is itself or one that it awaits. @return the number of the suspension
  [[nodiscard]] std::uint64_t suspend(std::coroutine_handle<> innermost, awaited what = awaited::result);

protected:
  ~coroutine_frame() = default;

private:
  friend class coroutine_table;

  socket_base* ws_;
  std::coroutine_handle<> whole_;     // null until it has started
  std::coroutine_handle<> innermost_; // null while it runs
  std::exception_ptr failure_;
  std::shared_ptr<const void> function_;
  std::uint64_t suspension_ = 0;
  const char* handler_ = nullptr;
  awaited awaited_ = awaited::result;
  coroutine_role role_ = coroutine_role::handler;
};

} // namespace harpia::inline v0::detail
