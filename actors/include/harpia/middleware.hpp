// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace harpia::inline v0 {

class page_request;
class socket_base;
class upgrade_base;

namespace detail {
class connection;
struct outgoing_message;
} // namespace detail

/// The continuation of an incoming message: the next middleware, or the route's handlers after the last one.
///
/// *Thread safety* None. To be called on the connection's thread.
///
/// *Lifetimes* May be stored, for example until an actor responds, and called until `close`.
class HARPIA_API next_handler {
public:
  /// Passes on a message: the received one or another.
  void operator()(message_view message) const;

private:
  friend class detail::connection;
  next_handler(detail::connection& of, std::size_t next) : of_{&of}, next_{next} {}

  detail::connection* of_;
  std::size_t next_;
};

/// The continuation of a part of a message, as `next_handler`, on routes that receive parts.
class HARPIA_API next_part_handler {
public:
  /// Passes on a part: the received one or another.
  void operator()(message_view part, last_part last) const;

private:
  friend class detail::connection;
  next_part_handler(detail::connection& of, std::size_t next, std::uint32_t message) : of_{&of}, next_{next}, message_{message} {}

  detail::connection* of_;
  std::size_t next_;
  std::uint32_t message_; // of the connection, counted from 1
};

/// The continuation of an outgoing message: the next outer middleware, or the peer after the outermost one.
///
/// *Lifetimes* Valid until the function that received it returns.
class HARPIA_API next_sender {
public:
  /// Passes on a message: the original one or another. The `send_options` of the original apply to the first
  /// message that is passed on.
  /// @return the status for the sender
  send_status operator()(message_view message) const;

private:
  friend class detail::connection;
  next_sender(detail::connection& of, std::size_t left, detail::outgoing_message& sent) : of_{&of}, left_{left}, sent_{&sent} {}

  detail::connection* of_;
  std::size_t left_; // layers between this message and the peer
  detail::outgoing_message* sent_;
};

/// A layer around the handlers of routes and pages, see `router::use`. Independent of the routes' data, and of callbacks or behaviours.
///
/// Every function is optional. Incoming events pass the layers in the order of their declaration. `send` and `close` pass them in
/// reverse order; `close` runs after the route's own.
///
/// `open` and `close` are paired: a layer gets `close` if and only if its `open` was called. If the `open` of a layer throws, the
/// layers further in and the route's handlers get neither.
///
/// *Errors* As for handlers.
///
/// *Thread safety* The functions run on the connection's thread, under the rules for handlers.
struct middleware {
  /// Called before the 101 response and before the route's `upgrade`. May reject, `defer()` the answer, add headers, and set
  /// attributes of the request. Layers further in receive only requests that this one accepted.
  callback<void(upgrade_base& request), detail::rules::layer_upgrade> upgrade = {};

  /// Called for a request for a page, before its body is read and before the page's handler. It has what `upgrade` has, so that one generic
  /// function may serve as both: a login that protects a page and its socket.
  ///
  /// It is called for every request on a path that has a page, also one that ends with 405, and for OPTIONS. Files of `serve_files` are
  /// pages.
  callback<void(page_request& request), detail::rules::layer_http> http = {};

  /// The connection is open. Called before the route's `open`, once for each connection, even if its behaviour is restarted.
  callback<void(socket_base& ws), detail::rules::layer_open> open = {};

  /// A message was received. It is passed on only by a call of `next`, which does nothing after `ws.close()`. The bytes of
  /// `message` are valid until the function returns.
  callback<void(socket_base& ws, message_view message, const next_handler& next), detail::rules::layer_message> message = {};

  /// A part of a message was received, on a route with `handlers::message_part`.
  ///
  /// A layer with `message` must have this function on such routes, so that no message bypasses it.
  ///
  /// *Errors* A shared middleware without it is refused where the route is declared, by `std::invalid_argument`. One made by a
  /// `middleware_factory` is refused by answering the upgrade with 500.
  callback<void(socket_base& ws, message_view part, last_part last, const next_part_handler& next),
           detail::rules::layer_message_part>
      message_part = {};

  /// A message is sent to this connection alone: by its handlers, by remote senders with `handle::send`, as a call or as an
  /// answer to one. It is sent only by a call of `next`. The returned status is the sender's result; without a call of `next`,
  /// usually `dropped`. Remote senders have received their result before and do not learn this one.
  ///
  /// The bytes of `message` are valid until the function returns. The function must not send to its own connection other than by
  /// `next`.
  ///
  /// *Not promised* Messages of groups do not pass here: they are encoded once for all members.
  callback<send_status(socket_base& ws, message_view message, const next_sender& next), detail::rules::layer_send> send = {};

  /// The connection has ended. Called after the route's `close`.
  callback<void(socket_base& ws, close_code code, std::string_view reason), detail::rules::layer_close> close = {};
};

/// Makes a middleware for each connection, for layers that keep state per connection. Called before `upgrade`, on the
/// connection's thread; for a page, before `http`, for each request.
using middleware_factory = std::function<middleware()>;

} // namespace harpia::inline v0
