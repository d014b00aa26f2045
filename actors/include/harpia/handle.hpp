// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/export.hpp>
#include <harpia/message_sender.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <memory>
#include <string_view>

namespace caf {
class actor;
}

namespace harpia {

namespace detail {
struct access;
struct remote_connection;
} // namespace detail

/// A handle to a connection, for other threads, actors and connections. Include <harpia/actors.hpp> to use the connection as a
/// `caf::actor`.
///
/// Messages are sent as described at `message_sender`. The result is immediate; messages that are in flight to the connection's loop count
/// towards the limits. After `sent` or `buffered` the message has its place in the order of the connection, and is dropped only if the
/// policy makes room for newer messages. After `buffered`, the connection's `drain` is called later. Messages of one thread keep their
/// order. A key is compared when the message reaches the loop, so a message over the limit is refused even if it could replace another one.
///
/// Once the connection is closing, every function returns `closed` or does nothing.
///
/// *Thread safety* May be copied and used on any thread and by any actor.
///
/// *Lifetimes* Keeps neither the connection nor its data alive.
class HARPIA_API handle : public message_sender<handle> {
public:
  /// Refers to no connection.
  handle() = default;

  /// Closes the connection as `socket_base::close`, asynchronously. Messages that `send` has accepted before leave first, those
  /// of other threads included.
  ///
  /// *Errors* Throws `std::invalid_argument` if `code` must not be sent or `reason` is over 123 bytes or not UTF-8.
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// The connection's actor, as `as_actor` returns it. <harpia/actors.hpp> must be included.
  [[nodiscard]] operator caf::actor() const;

  /// Whether the connection accepts messages at this moment. The answer may be outdated when it returns.
  [[nodiscard]] bool is_open() const noexcept;

private:
  friend struct detail::access;
  friend message_sender<handle>;
  send_status send_message(message_view message, send_options options = {}) const;

  explicit handle(std::shared_ptr<const detail::remote_connection> state) : state_{std::move(state)} {}

  std::shared_ptr<const detail::remote_connection> state_;
};

} // namespace harpia
