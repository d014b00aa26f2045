// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/send_status.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace harpia {

/// What became of a message that was sent with `notify`.
enum class delivery_outcome : std::uint8_t {
  taken,   ///< the operating system took its last byte; that the peer read it is not promised
  dropped, ///< the route's policy dropped it, or a newer message with its key took its place
  closed,  ///< the connection ended first
};

/// Asks `send` for a `delivery`.
struct notify_t {
  explicit notify_t() = default;
};
inline constexpr notify_t notify{};

/// The promise of one message's outcome. Belongs to the connection's thread, like the socket; may be kept after the connection.
class delivery {
public:
  /// What the sender and the connection share.
  struct state {
    std::function<void(delivery_outcome)> then;
    std::optional<delivery_outcome> outcome;
  };

  delivery(send_status status, std::shared_ptr<state> shared) : state_{std::move(shared)}, status_{status} {}

  /// What `send` would have returned.
  [[nodiscard]] send_status status() const noexcept { return status_; }
  /// The outcome if it is known already.
  [[nodiscard]] std::optional<delivery_outcome> outcome() const noexcept { return state_->outcome; }
  /// Has `function` called with the outcome, once: as an event of its own like those of the handlers, or at once if the outcome is
  /// known. A function that was given before is forgotten. It counts as a handler: it must not block, and if it throws, the
  /// connection fails.
  void then(std::function<void(delivery_outcome)> function) {
    if (state_->outcome)
      function(*state_->outcome);
    else
      state_->then = std::move(function);
  }

private:
  std::shared_ptr<state> state_;
  send_status status_;
};

} // namespace harpia
