// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/coroutine_frame.hpp>
#include <harpia/message.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <optional>
#include <vector>

namespace harpia::inline v0::detail {

/// The coroutines of a connection, which it owns, and the messages that its conversation has not received yet. It has no clock and no
/// socket.
class coroutine_table {
public:
  coroutine_table() = default;
  ~coroutine_table() { destroy_all(); }
  coroutine_table(const coroutine_table&) = delete;
  coroutine_table& operator=(const coroutine_table&) = delete;

  /// How a coroutine ended.
  struct outcome {
    coroutine_role role;
    std::exception_ptr failure; // null if it returned
  };

  /// Adds a coroutine that has not run yet. @return its first suspension
  [[nodiscard]] std::uint64_t add(coroutine_frame& started);
  /// A coroutine suspends. @return the number of the suspension, which is never used again
  [[nodiscard]] std::uint64_t suspend(coroutine_frame& running, std::coroutine_handle<> innermost, awaited what) noexcept;
  /// The coroutine with that suspension; null if it does not wait there.
  [[nodiscard]] coroutine_frame* find(std::uint64_t suspension) const noexcept;
  /// Continues a coroutine until it suspends again or ends, in which case it is destroyed. @return how it ended, if it did
  [[nodiscard]] std::optional<outcome> run(coroutine_frame& waiting);
  /// The suspensions of those that wait for a drain, in the order of their suspension.
  [[nodiscard]] std::vector<std::uint64_t> waiting_for_drain() const;
  /// Destroys all of them, the last one first. None may be running. Kept messages stay.
  void destroy_all() noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }

  /// The suspension of the coroutine that waits for a message; 0 if there is none.
  [[nodiscard]] std::uint64_t receiver() const noexcept { return find(receiver_) ? receiver_ : 0; }
  void receive_into(std::uint64_t suspension, std::optional<message>& into) noexcept;
  /// Gives a message to the coroutine that waits for one, or keeps it. @return the suspension of that coroutine, to be continued; 0 if the
  /// message was kept
  [[nodiscard]] std::uint64_t deliver(message_view received);
  /// Takes the oldest message that was kept. @return whether there was one
  bool take(std::optional<message>& into);
  /// The payloads of the messages that are kept. Whoever delivers them holds the socket back: that bounds them.
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_bytes_; }
  [[nodiscard]] bool keeps_messages() const noexcept { return !kept_.empty(); }

private:
  std::vector<coroutine_frame*> frames_;
  std::list<message> kept_; // nothing is allocated while there is none
  std::size_t kept_bytes_ = 0;
  std::uint64_t last_suspension_ = 0;
  std::uint64_t receiver_ = 0;
  std::optional<message>* target_ = nullptr; // valid while the receiver waits
};

} // namespace harpia::inline v0::detail
