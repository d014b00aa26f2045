// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/middleware.hpp>

#include <cstddef>
#include <cstdint>

namespace harpia {

/// What happens to a message over the rate.
enum class on_excess : std::uint8_t {
  close,   ///< the connection is closed with 1008; the message is not handled
  discard, ///< the message is not handled, and nobody is told
};

/// A token bucket for the messages of one connection.
struct rate_limit_options {
  /// Messages per second in the long run. Must be more than 0.
  double rate = 100;
  /// Messages that may come at once. Must be at least 1.
  std::size_t burst = 200;
  harpia::on_excess on_excess = harpia::on_excess::close;
};

/// Limits how fast a client may send: `app.use("/chat", harpia::rate_limit({.rate = 10, .burst = 20}))`. Every connection has a bucket
/// of its own, full at first. Reads `ws.now()`, so messages that are served in one turn come at the same time.
/// @throws std::invalid_argument naming the option that is out of range
[[nodiscard]] HARPIA_API middleware_factory rate_limit(rate_limit_options options = {});

} // namespace harpia
