// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>
#include <harpia/export.hpp>
#include <harpia/origin_policy.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace harpia {

/// What happens to a message that would take a connection over `max_buffered`.
enum class on_limit : std::uint8_t {
  drop_newest, ///< the message is not accepted: `send` answers `dropped`
  drop_oldest, ///< the oldest messages that have not begun to leave make room for it
  conflate, ///< as `drop_newest`; but a message with a key takes the place of one with the same key that has not begun to leave,
            ///< and is never refused then. Leave room for one message of each key between `high_watermark` and `max_buffered`
  close,    ///< the connection is closed with 1013, after `error` with `errc::buffer_limit`; what waits is dropped
};

/// Where a connection's back-pressure begins, ends and stops growing.
struct send_limits {
  /// `send` answers `buffered` while more than this many bytes wait for the peer.
  std::size_t high_watermark = std::size_t{64} << 10;
  /// `drain` fires when what waits has fallen to this many bytes. Must not exceed `high_watermark`.
  std::size_t low_watermark = std::size_t{16} << 10;
  /// Bytes that may wait before `on_limit` applies. Must not be below `high_watermark`. A connection never holds more than this plus
  /// one message; under `conflate` plus two, when messages grow that take the place of others; under `drop_oldest` as much again may
  /// be on its way from other threads.
  std::size_t max_buffered = std::size_t{16} << 20;
  /// The policy at `max_buffered`.
  harpia::on_limit on_limit = harpia::on_limit::drop_newest;
};

/// What happens to a connection one of whose handlers threw.
enum class on_crash : std::uint8_t {
  close, ///< it is closed with 1011, after `error`
  /// `error` is called, then the connection starts afresh on the same socket: its groups, pending requests and behaviour are
  /// gone, `data` is as it was before `open` (or as default-initialized if it cannot be copied), and `open` is called again. A throw
  /// out of that `open` closes, as does one whose `data` cannot be moved.
  restart,
};

/// permessage-deflate (RFC 7692) for the connections of a route.
enum class compression : std::uint8_t {
  disabled, ///< messages travel as they are
  enabled,  ///< they are compressed as `deflate_options` say, if the client offers it
};

/// Requests with answers over the connections of a route, see docs/calls.md.
enum class calls : std::uint8_t {
  disabled, ///< every message is an ordinary one
  enabled,  ///< `ws.call` works, and messages that are envelopes of the calling protocol are taken as such
};

/// What a WebSocket route allows its connections. Every limit is per connection.
struct route_options {
  /// Largest message to receive, in bytes, after decompression. A larger one closes with 1009.
  std::size_t max_payload = std::size_t{16} << 20;
  /// See `send_limits`, which `ws.set_limits` changes for one connection.
  std::size_t high_watermark = send_limits{}.high_watermark;
  std::size_t low_watermark = send_limits{}.low_watermark;
  std::size_t max_buffered = send_limits{}.max_buffered;
  harpia::on_limit on_limit = send_limits{}.on_limit;
  /// What a handler's exception does to its connection.
  harpia::on_crash on_crash = harpia::on_crash::close;
  /// Close with 1006 when nothing, not even a pong, came from the peer for so long; pings are sent at half of it. 0: never.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{120};
  /// Close with 1001 when the connection has been open for so long, whatever it does; its client may come again, with fresh credentials
  /// for example, and perhaps to another process. 0: it may stay for ever.
  std::chrono::milliseconds max_lifetime{0};
  /// How long a peer may take to answer a close frame before its socket is cut.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{5};
  /// Compression offered to clients.
  harpia::compression compression = harpia::compression::disabled;
  /// How messages are compressed where that is enabled.
  deflate_options deflate = {};
  /// The pages from which browsers may connect, see `origin_policy`; others get 403 before any `upgrade` handler is asked. A route
  /// that trusts cookies needs one. Not set: the app's, also for a route that sets other options.
  origin_policy origins = {};
  /// Subprotocols that the route speaks, the preferred first; the first that the client offers too is chosen.
  std::vector<std::string> subprotocols = {};
  /// Whether a message may be a call. Both sides must agree on it.
  harpia::calls calls = harpia::calls::disabled;
  /// Calls that may wait for their answer, in each direction: one more of ours is `dropped`, one more of the peer's refused.
  std::size_t max_pending_calls = 1024;

  [[nodiscard]] send_limits sending() const { return {high_watermark, low_watermark, max_buffered, on_limit}; }
};

/// Refuses limits that contradict one another.
/// @throws std::invalid_argument naming the option.
HARPIA_API void validate(const send_limits& limits);
HARPIA_API void validate(const route_options& options);

} // namespace harpia
