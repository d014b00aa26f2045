// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>
#include <harpia/export.hpp>
#include <harpia/option.hpp>
#include <harpia/origin_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace harpia::inline v0 {

/// The policy for a message that would bring the bytes that wait for the peer above `max_buffered`.
///
/// It also applies to connections whose bytes wait while the app's budget is spent, see `app_options::max_buffered`.
///
/// Only messages that are not yet in the write queue can be dropped or replaced.
enum class on_limit : std::uint8_t {
  drop_newest, ///< the message is not accepted: `send` returns `dropped`
  drop_oldest, ///< the oldest messages that are not yet in the write queue are dropped to make room for it
  /// Like `drop_newest`, except for a message with a key: it replaces a message with the same key that is not yet in the write queue, and
  /// is never refused then. If it is larger, the oldest messages may be dropped. Leave room for one message of each key between
  /// `high_watermark` and `max_buffered`.
  conflate,
  /// The connection is closed with 1013, after `error` with `errc::buffer_limit`. Messages that are not yet in the write queue are dropped.
  close,
};

/// Where a connection's back-pressure begins, ends, and reaches its limit. Sizes are in bytes, with frame headers.
struct send_limits {
  /// `send` returns `buffered` while more than this many bytes wait for the peer.
  std::size_t high_watermark = std::size_t{64} << 10;
  /// `drain` is called when the waiting bytes have fallen to this number. It must not exceed `high_watermark`.
  std::size_t low_watermark = std::size_t{16} << 10;
  /// Bytes that may wait before `on_limit` applies. It must not be below `high_watermark`.
  ///
  /// A connection holds at most this, one message and control frames; under `conflate` two messages, if those that replace others are
  /// larger. Under `drop_oldest` as much again may be in flight from remote senders.
  std::size_t max_buffered = std::size_t{16} << 20;
  /// The policy at `max_buffered`.
  harpia::on_limit on_limit = harpia::on_limit::drop_newest;
};

/// What happens to a connection when one of its handlers throws.
enum class on_crash : std::uint8_t {
  close, ///< it is closed with 1011, after `error`
  /// `error` is called, then, unless that has closed it, the connection starts again on the same socket, and `open` is called again. `data`
  /// is as it was before `open`, or default-initialized if it cannot be copied. If that `open` throws, or if `data` cannot be moved, the
  /// connection is closed.
  ///
  /// Nothing of its former life is delivered: its groups and its behaviour are removed, it is not paused, its limits are those of the route,
  /// and the functions that wait for a response of an actor, for the reply of a call, for the outcome of a message or for a receipt are
  /// destroyed without a call. Messages that it has sent are still delivered to the peer, and calls of the peer may still be answered. The
  /// actor stays the same: its mailbox, with its delayed messages, and its links and monitors remain.
  restart,
};

/// What happens when a route's codec cannot decode a message, after `error` was called with `errc::undecodable_message`.
enum class on_undecodable : std::uint8_t {
  close, ///< the connection is closed with 1007
  stay,  ///< the connection stays open, and the next message is handled: `error` may answer
};

/// Whether messages of a route's connections are compressed by permessage-deflate (RFC 7692).
enum class compression : std::uint8_t {
  disabled, ///< messages are sent uncompressed
  enabled,  ///< messages are compressed as `deflate_options` say, if the client offers it
};

/// Whether a route's connections support calls: requests with replies, see docs/calls.md.
enum class calls : std::uint8_t {
  disabled, ///< every message is an ordinary one
  enabled,  ///< `ws.call` works, and messages that are envelopes of the call protocol are treated as calls and replies
};

/// Options of a WebSocket route. Every limit applies to each connection separately.
///
/// What a route does not set it inherits: from its router (`router::defaults`), from the routers around that, and from the app
/// (`app_options::route`). What nobody sets has the default that stands here.
struct route_options {
  /// Maximum size of a received message in bytes, after decompression. A larger one closes the connection with 1009.
  option<std::size_t> max_payload = option<std::size_t>::unset(std::size_t{16} << 20);
  /// See `send_limits`. `ws.set_limits` changes them for one connection. Those that nobody sets adapt to the others: a
  /// watermark is no higher than the limit above it, and a limit no lower than the watermark below.
  option<std::size_t> high_watermark = option<std::size_t>::unset(send_limits{}.high_watermark);
  option<std::size_t> low_watermark = option<std::size_t>::unset(send_limits{}.low_watermark);
  option<std::size_t> max_buffered = option<std::size_t>::unset(send_limits{}.max_buffered);
  option<harpia::on_limit> on_limit = option<harpia::on_limit>::unset(send_limits{}.on_limit);
  /// What happens to a connection when one of its handlers throws.
  option<harpia::on_crash> on_crash = option<harpia::on_crash>::unset(harpia::on_crash::close);
  /// What happens to a connection when its route's codec cannot decode a message.
  option<harpia::on_undecodable> on_undecodable = option<harpia::on_undecodable>::unset(harpia::on_undecodable::close);
  /// Time without a sign of life after which the connection is closed with 1006: a byte that the peer sent, or a byte of a message that it
  /// took. A peer that is silent is sent a ping after half of it, or earlier, see `ping_interval`; a pong counts. While the peer's bytes are
  /// not read, because the connection is paused or too many bytes wait for the peer, it is enough that the ping arrives. 0: never.
  option<std::chrono::milliseconds> idle_timeout = option<std::chrono::milliseconds>::unset(std::chrono::seconds{120});
  /// Time without a byte to the peer after which it is sent a ping, so that no proxy takes the connection for idle: many close it after 60
  /// seconds. 0: pings are sent for `idle_timeout` only.
  option<std::chrono::milliseconds> ping_interval = option<std::chrono::milliseconds>::unset(std::chrono::seconds{25});
  /// Time after which an open connection is closed with 1001, whatever its activity. The client may connect again, for example with fresh
  /// credentials, and perhaps to another process. 0: never.
  option<std::chrono::milliseconds> max_lifetime = {};
  /// From 0 to 1: the largest share of `max_lifetime` by which a connection is closed earlier. Each connection has its own share, so that
  /// those that were opened together do not all return at one moment. 0: exactly after `max_lifetime`.
  option<double> max_lifetime_jitter = option<double>::unset(0.1);
  /// Time that a peer has to answer a close frame, from when the frame was written, and anew with every byte that it takes of what is
  /// written before and after. Then the socket is closed without an answer. Must be more than 0. For bytes that the peer is owed after the
  /// end, at most 30 s count.
  option<std::chrono::milliseconds> close_timeout = option<std::chrono::milliseconds>::unset(std::chrono::seconds{5});
  /// Whether compression is offered to clients.
  option<harpia::compression> compression = option<harpia::compression>::unset(harpia::compression::disabled);
  /// How messages are compressed if compression is enabled.
  deflate_options deflate = {};
  /// Pages from which browsers may connect, see `origin_policy`. Others receive 403 before any `upgrade` handler is called. A route that
  /// trusts cookies needs a policy.
  origin_policy origins = {};
  /// Subprotocols of the route, the preferred first. The first one that the client offers, too, is chosen.
  option<std::vector<std::string>> subprotocols = {};
  /// Whether a message may be a call. Both endpoints must agree on it.
  option<harpia::calls> calls = option<harpia::calls>::unset(harpia::calls::disabled);
  /// Number of calls that may wait for their reply, in each direction. At the limit, a call of this endpoint is `dropped`, and one of the
  /// peer is refused.
  option<std::size_t> max_pending_calls = option<std::size_t>::unset(1024);

  [[nodiscard]] send_limits sending() const {
    send_limits limits{high_watermark, low_watermark, max_buffered, on_limit};
    if (!high_watermark.is_set())
      limits.high_watermark = std::max(limits.high_watermark, low_watermark.is_set() ? limits.low_watermark : 0);
    if (!max_buffered.is_set())
      limits.max_buffered = std::max(limits.max_buffered, limits.high_watermark);
    if (!high_watermark.is_set())
      limits.high_watermark = std::min(limits.high_watermark, limits.max_buffered);
    if (!low_watermark.is_set())
      limits.low_watermark = std::min(limits.low_watermark, limits.high_watermark);
    return limits;
  }
};

/// Checks that the limits do not contradict one another, and that each option has a valid value.
///
/// *Errors*: Throws `std::invalid_argument` that names the option.
HARPIA_API void validate(const send_limits& limits);
HARPIA_API void validate(const route_options& options);

} // namespace harpia::inline v0
