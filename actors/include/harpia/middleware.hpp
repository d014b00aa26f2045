// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <functional>
#include <string_view>

namespace harpia {

class socket_base;
class upgrade_base;

namespace detail {
class layered_endpoint;
struct outgoing_message;
} // namespace detail

/// What comes after a middleware: the next one, or the route's handlers in the end. A value that may be kept for an actor's reply, and
/// used on the connection's thread until `close`.
class HARPIA_API next_handler {
public:
  /// Hands a message on, the one that came or another.
  void operator()(message_view message) const;

private:
  friend class detail::layered_endpoint;
  next_handler(const detail::layered_endpoint& layers, socket_base& ws, std::size_t next)
      : layers_{&layers}, ws_{&ws}, next_{next} {}

  const detail::layered_endpoint* layers_;
  socket_base* ws_;
  std::size_t next_;
};

/// The same for parts of messages, on routes that take those.
class HARPIA_API next_part_handler {
public:
  /// Hands a part on, the one that came or another.
  void operator()(message_view part, last_part last) const;

private:
  friend class detail::layered_endpoint;
  next_part_handler(const detail::layered_endpoint& layers, socket_base& ws, std::size_t next)
      : layers_{&layers}, ws_{&ws}, next_{next} {}

  const detail::layered_endpoint* layers_;
  socket_base* ws_;
  std::size_t next_;
};

/// What comes after a middleware on the way out: the one before it, or the peer in the end. Valid until the function that was given it
/// returns.
class HARPIA_API next_sender {
public:
  /// Hands a message on, the one that was sent or another; what was asked for it, a key or a notification, belongs to the first.
  /// @return what the sender is to be answered
  send_status operator()(message_view message) const;

private:
  friend class detail::layered_endpoint;
  next_sender(const detail::layered_endpoint& layers, socket_base& ws, std::size_t left, detail::outgoing_message& sent)
      : layers_{&layers}, ws_{&ws}, left_{left}, sent_{&sent} {}

  const detail::layered_endpoint* layers_;
  socket_base* ws_;
  std::size_t left_; // layers that are still before the peer
  detail::outgoing_message* sent_;
};

/// A layer around the handlers of routes, whatever their data and whether they are callbacks or behaviours; see `router::use`.
///
/// Every function is optional. On the way in, layers are entered in the order of their declaration; `send` and `close` leave them
/// the other way round, `close` after the route's own. They run on the connection's thread under the rules for handlers, their
/// exceptions too.
struct middleware {
  /// Before the 101, and before the route's `upgrade`: may reject, `defer()` and answer later, add headers and set attributes of the
  /// request. Layers further in see only requests that this one accepted.
  std::function<void(upgrade_base& request)> upgrade = {};

  /// The connection is open; before the route's `open`.
  std::function<void(socket_base& ws)> open = {};

  /// A message came. Without a call of `next` it goes no further. `message` borrows its bytes until the function returns.
  std::function<void(socket_base& ws, message_view message, const next_handler& next)> message = {};

  /// The same for part of a message, on routes with `handlers::message_part`. A layer with `message` needs this as well there, so that
  /// nothing gets past it: a route refuses one without, by `std::invalid_argument` where it is declared, or where `middleware_factory`
  /// makes the layer, by answering the upgrade with 500.
  std::function<void(socket_base& ws, message_view part, last_part last, const next_part_handler& next)> message_part = {};

  /// A message is sent to this connection alone: by its handlers, by `handle::send` of others, as a call or an answer to one. Without a
  /// call of `next` it does not leave, and what is returned is what the sender learns: `dropped`, most likely. `message` borrows its
  /// bytes until the function returns. It must not send to its own connection but by `next`.
  ///
  /// Messages of groups do not come by: they are encoded once for all members.
  std::function<send_status(socket_base& ws, message_view message, const next_sender& next)> send = {};

  /// The connection ended; after the route's `close`.
  std::function<void(socket_base& ws, close_code code, std::string_view reason)> close = {};
};

/// Makes a middleware for each connection, for those that remember something of it. Called before `upgrade`, on the connection's
/// thread.
using middleware_factory = std::function<middleware()>;

} // namespace harpia
