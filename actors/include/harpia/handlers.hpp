// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>

namespace harpia {

template <class Data>
class socket;
template <class Data>
class upgrade;

namespace detail {

/// The parameter type of a message handler: a view of bytes, or a reference to a decoded value.
template <class Message>
struct message_argument {
  using type = const Message&;
};
template <>
struct message_argument<message_view> {
  using type = message_view;
};

/// The type of `message_part` for routes with a codec, which cannot have that handler.
struct no_parts {
  constexpr explicit operator bool() const noexcept { return false; }
  template <class... Args>
  void operator()(Args&&...) const noexcept {}
};

} // namespace detail

/// The callbacks of a route. Every one is optional.
///
/// With a codec, the messages of a route are values of type `Message`:
///
///     app.ws<data>(pattern, codec, {.message = [](auto& ws, const M& message) {…}});
///
/// *Errors* A handler that throws fails its connection and no other: `error` receives `errc::handler_threw`, and the connection
/// closes with 1011. A message that the codec cannot decode, or that is not of its kind, fails the connection: `error` receives
/// `errc::undecodable_message` with the position and may still send a message. Then the connection closes with 1007.
///
/// *Thread safety* All handlers of one connection run on the thread of its event loop, one after the other. Connections of
/// different loops run in parallel, so shared data needs synchronization. A handler must not block: it delays all other
/// connections of its loop.
template <class Data, class Message = message_view>
struct handlers {
  /// Called before the 101 response. May fill `data`, add response headers, choose the subprotocol, reject the request, or defer
  /// the answer. Without it every valid upgrade is accepted.
  std::function<void(upgrade<Data>& request)> upgrade = {};

  /// The connection is open. Called once, before any other handler of the connection; with `on_crash::restart` once more for each restart.
  std::function<void(socket<Data>& ws)> open = {};

  /// A complete message was received. Its bytes are valid until the handler returns. With a codec, messages are decoded only if
  /// there is this handler.
  std::function<void(socket<Data>& ws, typename detail::message_argument<Message>::type message)> message = {};

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
  std::conditional_t<std::is_same_v<Message, message_view>,
                     std::function<void(socket<Data>& ws, message_view part, last_part last)>, detail::no_parts>
      message_part = {};

  /// The peer calls, on a route with `calls::enabled`. The bytes of `request` are valid until the handler returns. `answer` may
  /// be stored and used later. Without this handler calls are refused with "no such call".
  std::function<void(socket<Data>& ws, message_view request, reply answer)> call = {};

  /// The connection has ended. The last handler, called exactly once if `open` was called. `code` and `reason` are those of the peer
  /// if it closed, those that were sent if this side closed, and `close_code::abnormal` if there was no close frame. `ws.data` is
  /// still valid.
  std::function<void(socket<Data>& ws, close_code code, std::string_view reason)> close = {};

  /// The send buffer has fallen to the low watermark, after `send` returned `buffered`. Sending may continue.
  std::function<void(socket<Data>& ws)> drain = {};

  /// The connection has failed. `close` follows, or `open` if `on_crash::restart` restarts it. Exceptions of this handler are logged and have no other effect.
  std::function<void(socket<Data>& ws, const error& what)> error = {};

  /// The route's `on_limit` policy has dropped `count` messages with `bytes` bytes in total since the last call, no matter which
  /// thread sent them. Called at most once per turn of the loop.
  std::function<void(socket<Data>& ws, std::size_t count, std::size_t bytes)> dropped = {};

  /// A ping of at most 125 bytes was received. The pong is sent automatically.
  std::function<void(socket<Data>& ws, std::string_view payload)> ping = {};

  /// A pong of at most 125 bytes was received.
  std::function<void(socket<Data>& ws, std::string_view payload)> pong = {};
};

} // namespace harpia
