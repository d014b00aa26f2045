// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/codec.hpp>
#include <harpia/deflate_options.hpp>
#include <harpia/delivery.hpp>
#include <harpia/export.hpp>
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/message_view.hpp>
#include <harpia/publish_options.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caf {
class event_based_actor;
}

namespace harpia {

namespace detail {
class connection;
struct behaviour_port;
} // namespace detail

/// A WebSocket connection, independent of its data.
///
/// *Thread safety* None. To be used in the handlers of its connection, or otherwise on the thread of its actor.
///
/// *Lifetimes* Owned by the connection's actor. Must not be used after the `close` handler has returned.
class HARPIA_API socket_base {
public:
  socket_base() = default;
  socket_base(const socket_base&) = delete;
  socket_base& operator=(const socket_base&) = delete;

  /// Sends a text message. `text` must be UTF-8 and is copied.
  ///
  /// Messages reach the peer in the order of the calls. All bytes of one turn of the event loop leave together at its end.
  /// @return see `send_status`
  ///
  /// *Errors* Throws `std::invalid_argument` if a text is not UTF-8, and what a middleware's `send` throws.
  ///
  /// *Not promised* Acceptance is not delivery. Only an answer of the peer shows what it has received.
  send_status send(std::string_view text);
  /// Sends a binary message. `bytes` are copied.
  send_status send(std::span<const std::byte> bytes);
  send_status send(std::span<const unsigned char> bytes) { return send(std::as_bytes(bytes)); }
  /// Sends a message of the view's kind, for example to echo it.
  send_status send(message_view message);

  /// Sends a message with a conflation key. Under `on_limit::conflate` the message replaces the last one with the same key,
  /// unless that has begun to leave. Under other policies the key has no effect.
  send_status send(message_view message, std::string_view key);
  send_status send(std::string_view text, std::string_view key) { return send(message_view{text}, key); }
  send_status send(std::span<const std::byte> bytes, std::string_view key) { return send(message_view{bytes}, key); }

  /// Sends an encoded value: `ws.send(harpia::json<answer>, {.id = 7})`.
  ///
  /// *Errors* Throws what `encode` throws.
  template <codec Codec>
  send_status send(const Codec& codec, const typename Codec::message_type& value) {
    return send(detail::as_message(codec, codec.encode(value)));
  }

  /// Calls the peer: `ws.call(text, 5s).then(on_reply, on_error)`, see `pending_call`. Needs `calls::enabled` in the route's
  /// options, and a peer that speaks the protocol of docs/calls.md.
  /// @param timeout how long to wait for the reply, from now; `milliseconds::max()` is for ever
  ///
  /// *Errors* Throws `std::invalid_argument` unless `timeout` is more than 0, and `std::logic_error` if the route does not enable
  /// calls.
  pending_call call(message_view request, std::chrono::milliseconds timeout);
  pending_call call(std::string_view text, std::chrono::milliseconds timeout) { return call(message_view{text}, timeout); }
  pending_call call(std::span<const std::byte> bytes, std::chrono::milliseconds timeout) {
    return call(message_view{bytes}, timeout);
  }

  /// Sends a message and reports its outcome later: `ws.send(text, harpia::notify).then([](auto outcome) { … })`.
  delivery send(message_view message, notify_t);
  delivery send(std::string_view text, notify_t) { return send(message_view{text}, notify); }
  delivery send(std::span<const std::byte> bytes, notify_t) { return send(message_view{bytes}, notify); }

  /// Sends a message that is not compressed, see `uncompressed`. The same as `send(message)` on connections without compression.
  send_status send(message_view message, uncompressed_t);
  send_status send(std::string_view text, uncompressed_t) { return send(message_view{text}, uncompressed); }
  send_status send(std::span<const std::byte> bytes, uncompressed_t) { return send(message_view{bytes}, uncompressed); }

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
  /// member in the order of the calls. Members over their limit meet the `on_limit` policy of their route.
  void publish(std::string_view group, message_view message, publish_options options = {});
  void publish(std::string_view group, std::string_view text, publish_options options = {}) {
    publish(group, message_view{text}, std::move(options));
  }
  void publish(std::string_view group, std::span<const std::byte> bytes, publish_options options = {}) {
    publish(group, message_view{bytes}, std::move(options));
  }
  void publish(std::string_view group, message_view message, audience whom) {
    publish(group, message, publish_options{.audience = whom});
  }
  void publish(std::string_view group, std::string_view text, audience whom) { publish(group, message_view{text}, whom); }
  void publish(std::string_view group, std::span<const std::byte> bytes, audience whom) {
    publish(group, message_view{bytes}, whom);
  }

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
  friend struct detail::behaviour_port;
  detail::connection* connection_ = nullptr;
};

/// A WebSocket connection with its data, as handlers receive it.
template <class Data>
class socket : public socket_base {
public:
  /// The connection's data. Made before `upgrade`, destroyed after `close` has returned.
  Data data{};
};

} // namespace harpia
