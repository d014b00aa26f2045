// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <functional>
#include <string_view>

namespace harpia {

template <class Data>
class socket;
template <class Data>
class upgrade;

/// What a route does with its connections. Every handler is optional.
///
/// All handlers of one connection run on one thread, that of its event loop, one after the other; connections on different
/// loops run in parallel, so guard what they share. A handler must not block: other connections of its loop wait for it.
///
/// A handler that throws fails its connection and no other: `error` gets `errc::handler_threw`, the peer gets close code 1011.
template <class Data>
struct handlers {
  /// Before the 101: sees the request, may fill `data`, add response headers, choose the subprotocol, reject, or answer later.
  /// Without it every valid upgrade is accepted.
  std::function<void(upgrade<Data>& request)> upgrade = {};

  /// The connection is open. Called once, before any other handler of the connection.
  std::function<void(socket<Data>& ws)> open = {};

  /// A whole message came. `message` borrows its bytes until the handler returns.
  std::function<void(socket<Data>& ws, message_view message)> message = {};

  /// Part of a message came, for a route that takes messages of any size without holding them, uploads for example. It is called for
  /// every message instead of `message`, which must be empty then, as often as there are parts; `last_part::yes` comes with the last one,
  /// which may be empty. A part borrows its bytes until the handler returns and has at most 512 KiB, or 1 MiB after a pause; the peer's
  /// frames do not show. Texts are cut between characters. `route_options::max_payload` limits the whole message.
  ///
  /// A connection that ends within a message ends without its last part. Does not go with `calls::enabled`.
  std::function<void(socket<Data>& ws, message_view part, last_part last)> message_part = {};

  /// The peer calls, on a route with `calls::enabled`. `request` borrows its bytes until the handler returns; `answer` may be kept
  /// and used later. Without this handler the peer is told "no such call".
  std::function<void(socket<Data>& ws, message_view request, reply answer)> call = {};

  /// The connection ended: the last handler called, exactly once for each `open`. `code` and `reason` are the peer's if it closed,
  /// those that were sent if this side closed, `close_code::abnormal` if there was no close frame. `ws.data` is still there.
  std::function<void(socket<Data>& ws, close_code code, std::string_view reason)> close = {};

  /// After `send` answered `buffered`: what waits has fallen to the low watermark, so send again.
  std::function<void(socket<Data>& ws)> drain = {};

  /// The connection failed; `close` follows. What an `error` handler throws is logged and changes nothing.
  std::function<void(socket<Data>& ws, const error& what)> error = {};

  /// Messages were dropped by the route's `on_limit` policy, `count` of them with `bytes` in all, since the last call. Comes once a
  /// turn at most, whoever sent them.
  std::function<void(socket<Data>& ws, std::size_t count, std::size_t bytes)> dropped = {};

  /// A ping came, of at most 125 bytes; the pong follows by itself.
  std::function<void(socket<Data>& ws, std::string_view payload)> ping = {};

  /// A pong came, of at most 125 bytes.
  std::function<void(socket<Data>& ws, std::string_view payload)> pong = {};
};

} // namespace harpia
