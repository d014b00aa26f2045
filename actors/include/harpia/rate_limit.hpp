// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/middleware.hpp>

#include <cstddef>
#include <cstdint>

namespace harpia::inline v0 {

/// What happens to a message that exceeds the rate.
enum class on_excess : std::uint8_t {
  close,   ///< the message is discarded, and the connection is closed with 1008
  discard, ///< the message is discarded without notice
};

/// The token bucket for the messages of one connection.
struct rate_limit_options {
  /// Messages per second on average. Must be more than 0.
  double rate = 100;
  /// Messages that may arrive at once. Must be at least 1.
  std::size_t burst = 200;
  harpia::on_excess on_excess = harpia::on_excess::close;
};

/// Makes a middleware that limits the rate of incoming messages:
///
///     app.use("/chat", harpia::rate_limit({.rate = 10, .burst = 20}));
///
/// Every connection has its own bucket, which is full at first. The clock is `ws.now()`, so messages that are handled in one turn
/// of the loop arrive at the same time. A message that is received in parts counts once, at its first part.
///
/// *Errors* Throws `std::invalid_argument` naming the option that is out of range.
[[nodiscard]] HARPIA_API middleware_factory rate_limit(rate_limit_options options = {});

} // namespace harpia::inline v0
