// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/route_options.hpp>

#include <cstdint>
#include <string_view>

namespace harpia::inline v0 {

/// What became of a message that `send` accepted.
enum class delivery_outcome : std::uint8_t {
  taken,   ///< the operating system took the last byte; it is not promised that the peer read it
  dropped, ///< the `on_limit` policy or a middleware dropped it, or a newer message with the same key replaced it
  closed,  ///< the connection ended first; it is not promised that nothing of the message was written
};

namespace detail {

struct on_outcome_rule {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'on_outcome' must be callable as on_outcome(harpia::delivery_outcome outcome)");
  }
};

} // namespace detail

/// How a message is sent: `ws.send(price, {.key = "EURUSD"})`.
struct send_options {
  /// The conflation key. Under `on_limit::conflate` the message replaces the last one with the same key, unless that has begun to leave.
  /// Under other policies the key has no effect.
  std::string_view key = {};
  /// `disabled` leaves the message uncompressed on connections with compression: for data that is compressed already, and for secrets in
  /// one message with text that a third party chose (RFC 7692, 8).
  harpia::compression compression = harpia::compression::enabled;
  /// Called once with the outcome of a message that was accepted, that is, if `send` returned `sent` or `buffered`. It runs on the
  /// connection's thread and must not block.
  ///
  /// For `ws.send` it is an event of the connection, before `close`, and may use `ws`; if it throws, the connection fails. A behaviour or
  /// handlers that were restarted meanwhile do not get it. A middleware that answers `sent` but passes nothing on makes it `dropped`, before
  /// `send` returns.
  ///
  /// For handles and clients it is independent of the connection's handlers, and may come after its end; what it throws is logged.
  callback<void(delivery_outcome outcome), detail::on_outcome_rule> on_outcome = {};
};

} // namespace harpia::inline v0
