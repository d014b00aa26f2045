// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/send_status.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace harpia {

namespace detail {
struct access;
}

/// The outcome of a message that was sent with `notify`.
enum class delivery_outcome : std::uint8_t {
  taken,   ///< the operating system took the last byte; it is not promised that the peer read it
  dropped, ///< the `on_limit` policy or a middleware dropped it, or a newer message with the same key replaced it
  closed,  ///< the connection ended first; it is not promised that nothing of the message was written
};

/// Tag that makes `send` return a `delivery`: `ws.send(text, harpia::notify)`.
struct notify_t {
  explicit notify_t() = default;
};
inline constexpr notify_t notify{};

/// The future outcome of one message that was sent with `notify`.
///
/// *Thread safety*: None. It belongs to the connection's thread, like the socket.
///
/// *Lifetimes*: It may outlive the connection. Copies share the outcome and the function that receives it.
class delivery {
public:
  /// State that the sender and the connection share.
  struct state {
    std::function<void(delivery_outcome)> then;
    std::optional<delivery_outcome> outcome;
    std::uint32_t life = 0; // number of the connection's restarts when the message was sent; set by the library
  };

  /// Returns the status that `send` without `notify` would have returned.
  [[nodiscard]] send_status status() const noexcept { return status_; }
  /// Returns the outcome, or nothing while it is not known.
  [[nodiscard]] std::optional<delivery_outcome> outcome() const noexcept { return state_ ? state_->outcome : std::nullopt; }
  /// Registers a function that is called once with the outcome.
  ///
  /// If the outcome is known, the function is called before `then` returns. Otherwise it is called later, as an event of its own like those
  /// of the handlers. It replaces a function that was registered before. It counts as a handler: it must not block.
  ///
  /// *Errors*: If the function throws in an event of its own, the connection fails. What it throws before `then` returns leaves `then`.
  void then(std::function<void(delivery_outcome)> function) {
    if (!state_)
      return; // moved from
    if (state_->outcome)
      function(*state_->outcome);
    else
      state_->then = std::move(function);
  }

private:
  friend struct detail::access;

  delivery(send_status status, std::shared_ptr<state> shared) : state_{std::move(shared)}, status_{status} {}

  std::shared_ptr<state> state_;
  send_status status_;
};

} // namespace harpia
