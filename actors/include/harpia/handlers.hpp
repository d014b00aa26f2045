// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/behaviour_source.hpp>
#include <harpia/detail/coroutine_source.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <string_view>

namespace harpia::inline v0 {

template <class Data>
class socket;
template <class Data>
class upgrade;

/// The data of a route without data.
struct no_data {};

namespace detail {

/// The types that depend on whether a route has a codec.
template <class Message>
struct message_traits {
  using argument = const Message&;
  using rule = rules::typed_message;
  using part_rule = rules::no_message_part;
};
template <>
struct message_traits<message_view> {
  using argument = message_view;
  using rule = rules::message;
  using part_rule = rules::message_part;
};

} // namespace detail

/// What handles the connections of a route or of a client: callbacks, a behaviour or a coroutine, or callbacks beside one of these.
/// Every one is optional.
///
/// With a codec, the messages of a route are values of type `Message`:
///
///     app.ws<data>(pattern, codec, {.message = [](auto& ws, const M& message) {…}});
///
/// Callbacks may hold what cannot be copied. Copies of this struct share them.
///
/// *Errors* A handler that throws fails its connection and no other: `error` receives `errc::handler_threw`, and the connection
/// closes with 1011. A message that the codec cannot decode, or that is not of its kind, fails the connection: `error` receives
/// `errc::undecodable_message` with the position and may still send a message. Then the connection closes with 1007.
///
/// *Thread safety* All handlers of one connection run on the thread of its event loop, one after the other. Connections of
/// different loops run in parallel, so shared data needs synchronization. A handler must not block: it delays all other
/// connections of its loop.
template <class Data = no_data, class Message = message_view>
struct handlers {
  /// Called before the 101 response. May fill `data`, add response headers, choose the subprotocol, reject the request, or defer
  /// the answer. Without it every valid upgrade is accepted. Clients do not call it.
  callback<void(upgrade<Data>& request), detail::rules::upgrade> upgrade = {};

  /// The connection is open. Called once, before any other handler of the connection; with `on_crash::restart` once more for each
  /// restart.
  callback<void(socket<Data>& ws), detail::rules::open> open = {};

  /// A complete message was received. Its bytes are valid until the handler returns. With a codec, messages are decoded only if
  /// there is this handler or a behaviour.
  callback<void(socket<Data>& ws, typename detail::message_traits<Message>::argument message),
           typename detail::message_traits<Message>::rule>
      message = {};

  /// A part of a message was received. For routes that receive messages of any size without buffering them, for example uploads.
  ///
  /// Called for every message instead of `message`, which must be empty, once for each part. `last_part::yes` marks the last
  /// part, which may be empty. A part has at most 512 KiB, or 1 MiB after a pause; it is independent of the peer's frames. Text
  /// is split between characters. `route_options::max_payload` limits the whole message.
  ///
  /// *Lifetimes* The bytes of a part are valid until the handler returns.
  ///
  /// *Not promised* A message that the end of its connection interrupts has no last part. Cannot be used with `calls::enabled` or
  /// with a codec.
  callback<void(socket<Data>& ws, message_view part, last_part last), typename detail::message_traits<Message>::part_rule>
      message_part = {};

  /// The peer calls, on a route with `calls::enabled`. The bytes of `request` are valid until the handler returns. `answer` may
  /// be stored and used later. Without this handler and a behaviour calls are refused with "no such call".
  callback<void(socket<Data>& ws, message_view request, reply answer), detail::rules::call> call = {};

  /// The connection has ended. The last handler, called exactly once if `open` was called. `code` and `reason` are those of the peer
  /// if it closed, those that were sent if this side closed, and `close_code::abnormal` if there was no close frame. `ws.data` is
  /// still valid.
  callback<void(socket<Data>& ws, close_code code, std::string_view reason), detail::rules::close> close = {};

  /// The send buffer has fallen to the low watermark, after `send` returned `buffered`. Sending may continue.
  callback<void(socket<Data>& ws), detail::rules::drain> drain = {};

  /// The route's `on_limit` policy has dropped `count` messages with `bytes` bytes in total since the last call, no matter which
  /// thread sent them. Called at most once per turn of the loop.
  callback<void(socket<Data>& ws, std::size_t count, std::size_t bytes), detail::rules::dropped> dropped = {};

  /// The connection has failed. `close` follows, or `open` if `on_crash::restart` restarts it. Exceptions of this handler are logged
  /// and have no other effect.
  callback<void(socket<Data>& ws, const harpia::error& what), detail::rules::error> error = {};

  /// A ping of at most 125 bytes was received. The pong is sent automatically.
  callback<void(socket<Data>& ws, std::string_view payload), detail::rules::ping> ping = {};

  /// A pong of at most 125 bytes was received.
  callback<void(socket<Data>& ws, std::string_view payload), detail::rules::pong> pong = {};

  /// A function that returns the first behaviour of a connection, see `connection`. An event goes to its callback if there is one,
  /// otherwise to the behaviour. <harpia/actors.hpp> must be included.
  detail::behaviour_source<Data, Message> behaviour = {};

  /// The whole conversation as one coroutine, `coroutine(auto& ws) -> harpia::task`, which starts with `open` and gets messages by
  /// `co_await ws.receive()`. When it returns, the connection is closed with 1000. Other events go to their callbacks; `message`,
  /// `message_part` and `behaviour` must be empty. <harpia/coroutine.hpp> must be included.
  detail::coroutine_source<Data, Message> coroutine = {};
};

} // namespace harpia::inline v0
