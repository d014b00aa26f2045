// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/codec.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/message_sender.hpp>
#include <harpia/message_view.hpp>
#include <harpia/publish_options.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caf {
class event_based_actor;
}

namespace harpia::inline v0 {

namespace detail {
class connection;
struct access;
struct behaviour_port;
struct coroutine_port;

// Defined in <harpia/coroutine.hpp>.
class awaiting_drain;
class awaiting_message;
template <codec Codec>
class awaiting_value;

using timer_function = callback<void(), rules::timer>;
} // namespace detail

/// A timer of a connection, see `socket_base::after`.
enum class timer_id : std::uint64_t {};

/// A WebSocket connection, independent of its data. Messages are sent as described at `message_sender`; all bytes of one turn of the
/// event loop leave together at its end.
///
/// *Thread safety* None. To be used in the handlers of its connection, or otherwise on the thread of its actor.
///
/// *Lifetimes* Owned by the connection's actor. Must not be used after the `close` handler has returned.
class HARPIA_API socket_base : public message_sender<socket_base> {
public:
  socket_base() = default;
  socket_base(const socket_base&) = delete;
  socket_base& operator=(const socket_base&) = delete;

  /// Calls the peer: `ws.call(text, 5s).then(on_reply, on_error)`, see `pending_call`. Needs `calls::enabled` in the route's
  /// options, and a peer that speaks the protocol of docs/calls.md.
  /// @param timeout how long to wait for the reply, from now; `milliseconds::max()` is for ever
  ///
  /// *Errors* Throws `std::invalid_argument` unless `timeout` is more than 0, and `std::logic_error` if the route does not enable
  /// calls.
  pending_call call(message_view request, std::chrono::milliseconds timeout);

  /// Changes the limits of this connection. Buffered bytes stay buffered, even over the new limit.
  ///
  /// *Errors* Throws `std::invalid_argument` naming the option if the limits contradict one another.
  void set_limits(const send_limits& limits);
  [[nodiscard]] send_limits limits() const noexcept;

  /// Stops reading from the socket, so that the client's messages queue up, in the end at the client. Closing resumes reading.
  /// Meanwhile the idle time-out is suspended.
  void pause();
  void resume();
  [[nodiscard]] bool is_paused() const noexcept;

  /// Starts the closing handshake: messages that were sent before leave first, then a close frame. The `close` handler is called
  /// when the peer has answered, or after `close_timeout`. Does nothing if the connection is closing already.
  ///
  /// *Errors* Throws `std::invalid_argument` if `code` must not be sent or `reason` is over 123 bytes or not UTF-8.
  ///
  /// *Source* RFC 6455, 7.1.2.
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// Aborts the connection at once, without a close frame. Buffered messages are lost. The `close` handler follows with
  /// `close_code::abnormal`.
  void terminate();

  /// Runs `sends` and then submits all buffered bytes to the system in one call, instead of at the end of the loop's turn.
  void cork(const std::function<void()>& sends);

  /// Sends a ping.
  ///
  /// *Errors* Throws `std::invalid_argument` if `payload` is over 125 bytes.
  ///
  /// *Source* RFC 6455, 5.5.2.
  send_status ping(std::string_view payload = {});
  /// Sends an unsolicited pong. Pings are answered automatically.
  ///
  /// *Errors* Throws `std::invalid_argument` if `payload` is over 125 bytes.
  ///
  /// *Source* RFC 6455, 5.5.3.
  send_status pong(std::string_view payload = {});

  /// Joins a broadcast group. Any string is a name. A group exists from its first member to its last. Messages that were
  /// published before are not delivered. When the connection closes, it leaves all its groups before the `close` handler is
  /// called.
  void subscribe(std::string_view group);
  void subscribe(const group& joined) { subscribe(joined.name()); }
  void unsubscribe(std::string_view group);
  void unsubscribe(const group& left) { unsubscribe(left.name()); }
  [[nodiscard]] bool is_subscribed(std::string_view group) const;
  /// The groups of this connection, in no particular order.
  [[nodiscard]] std::vector<std::string> subscriptions() const;

  /// Sends a message to the members of a group. The publisher need not be a member. The message is encoded once.
  ///
  /// All members receive the messages of a group in the same order. Messages that this connection sends and publishes reach each
  /// member in the order of the calls, unless the group is shared: then a message takes the way over the engine, and what is sent directly
  /// after it may come before it. Members over their limit meet the `on_limit` policy of their route.
  /// @return `sent` if the group is local
  publish_status publish(std::string_view group, message_view message, publish_options options = {});
  template <codec Codec>
  publish_status publish(std::string_view group, const Codec& codec, const typename Codec::message_type& value,
                         publish_options options = {}) {
    return publish(group, detail::as_message(codec, codec.encode(value)), std::move(options));
  }

  /// Calls `function()` once after `delay`, or every `period`, as an event of this connection like those of the handlers, under the same
  /// rules. A timer ends with its connection, before `close` is called, and with a restart of its handlers or behaviour.
  ///
  /// Timers have a resolution of 100 ms: they are late by up to that.
  /// @return what `cancel` takes
  ///
  /// *Errors* Throws `std::invalid_argument` if `period` is not more than 0 or `delay` is less than 0.
  timer_id after(std::chrono::milliseconds delay, detail::timer_function function);
  timer_id every(std::chrono::milliseconds period, detail::timer_function function);
  /// Cancels a timer. A timer may cancel itself.
  /// @return whether it was still to be called
  bool cancel(timer_id which);

  /// `co_await ws.drained()` waits until no drain is due: at once unless the buffer was over its high watermark since the last one.
  /// <harpia/coroutine.hpp> must be included, see `task`.
  [[nodiscard]] detail::awaiting_drain drained() noexcept;

  /// `co_await ws.receive()` waits for the next message, in the `coroutine` of a route's handlers. The result is a
  /// `std::optional<message>`: nothing once the connection has ended.
  ///
  /// Messages that come while the coroutine waits for something else are kept for it, and the socket is not read until it has taken
  /// them. While a call is pending the socket is read, for its reply, until `max_buffered` bytes are kept.
  ///
  /// *Errors* Throws `std::logic_error` on a route without `coroutine`, or if another coroutine of the connection receives already.
  [[nodiscard]] detail::awaiting_message receive() noexcept;
  /// As above; the result is a `std::optional` of the codec's type.
  ///
  /// *Errors* Throws if the codec cannot decode the message. Not caught, that is `errc::undecodable_message`.
  template <codec Codec>
  [[nodiscard]] detail::awaiting_value<Codec> receive(Codec codec);

  [[nodiscard]] harpia::ready_state ready_state() const noexcept;

  /// Bytes that were accepted and that the system has not taken yet, frame headers included.
  [[nodiscard]] std::size_t buffered_amount() const noexcept;

  /// The client's address without its port, "192.0.2.1" or "2001:db8::1", also behind a trusted proxy. Empty for a Unix socket.
  [[nodiscard]] std::string_view remote_address() const noexcept;

  /// The request that opened the connection.
  [[nodiscard]] const harpia::request& request() const noexcept;

  /// The negotiated subprotocol; empty if there is none.
  [[nodiscard]] std::string_view subprotocol() const noexcept;

  /// A handle to this connection, for other threads, actors and connections.
  [[nodiscard]] harpia::handle handle();

  /// The time at which the current turn of the event loop began. Cheap. The simulated time in tests with `testing::world`.
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept;

  /// The connection's actor: for requests to other actors whose responses are handled on this thread, for `become`, to spawn,
  /// link and monitor. <harpia/actors.hpp> must be included.
  [[nodiscard]] caf::event_based_actor& self() noexcept;

protected:
  ~socket_base() = default;

private:
  friend class detail::connection;
  friend struct detail::access;
  friend struct detail::behaviour_port;
  friend struct detail::coroutine_port;
  friend message_sender<socket_base>;
  send_status send_message(message_view message) const;
  send_status send_message(message_view message, send_options options) const;

  detail::connection* connection_ = nullptr;
};

/// A WebSocket connection with its data, as handlers receive it.
template <class Data>
class socket : public socket_base {
public:
  /// The connection's data. Made before `upgrade`, destroyed after `close` has returned.
  Data data{};
};

} // namespace harpia::inline v0
