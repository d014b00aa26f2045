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
class endpoint;
class layered_endpoint;
struct behaviour_port;
struct own_layers;

struct HARPIA_API own_layers_deleter {
  void operator()(own_layers* layers) const noexcept;
};
} // namespace detail

/// What can be done with a connection, whatever its data.
///
/// Ownership: belongs to its connection actor; handlers borrow it. It must not be used after `close` returned.
/// Thread safety: none; use it in the handlers of its connection only, or on that actor's thread.
class HARPIA_API socket_base {
public:
  socket_base() = default;
  socket_base(const socket_base&) = delete;
  socket_base& operator=(const socket_base&) = delete;

  /// Sends a text message. `text` must be UTF-8 and is copied before the call returns.
  ///
  /// Messages reach the peer in the order they were sent. Acceptance is no promise of delivery: what a peer read is known only
  /// from its answer. The bytes leave at the end of the loop's turn, all that a turn sent together.
  /// @return see `send_status`
  /// @throws only what a middleware's `send` throws
  send_status send(std::string_view text);
  /// Sends a binary message; `bytes` are copied.
  send_status send(std::span<const std::byte> bytes);
  send_status send(std::span<const unsigned char> bytes) { return send(std::as_bytes(bytes)); }
  /// Sends a message of the view's kind, for example to echo one.
  send_status send(message_view message);

  /// Sends a message about something that `key` names. Under `on_limit::conflate` it takes the place of the last message with that
  /// key if that has not begun to leave; under other policies the key changes nothing.
  send_status send(message_view message, std::string_view key);
  send_status send(std::string_view text, std::string_view key) { return send(message_view{text}, key); }
  send_status send(std::span<const std::byte> bytes, std::string_view key) { return send(message_view{bytes}, key); }

  /// Sends a value: `ws.send(harpia::json<answer>, {.id = 7})`. @throws what `encode` throws
  template <codec Codec>
  send_status send(const Codec& codec, const typename Codec::message_type& value) {
    return send(detail::as_message(codec, codec.encode(value)));
  }

  /// Sends a message that the peer is to answer within `timeout`: `ws.call(text, 5s).then(on_reply, on_error)`, see `pending_call`.
  /// Only on routes with `calls::enabled`; the peer must speak the protocol of docs/calls.md.
  /// @throws std::invalid_argument unless `timeout` is more than 0, std::logic_error if the route's options do not enable calls
  pending_call call(message_view request, std::chrono::milliseconds timeout);
  pending_call call(std::string_view text, std::chrono::milliseconds timeout) { return call(message_view{text}, timeout); }
  pending_call call(std::span<const std::byte> bytes, std::chrono::milliseconds timeout) {
    return call(message_view{bytes}, timeout);
  }

  /// Sends a message and promises to tell what became of it: `ws.send(text, harpia::notify).then([](auto outcome) { … })`.
  delivery send(message_view message, notify_t);
  delivery send(std::string_view text, notify_t) { return send(message_view{text}, notify); }
  delivery send(std::span<const std::byte> bytes, notify_t) { return send(message_view{bytes}, notify); }

  /// Sends a message that is not to be compressed, see `uncompressed`; where nothing is, this changes nothing.
  send_status send(message_view message, uncompressed_t);
  send_status send(std::string_view text, uncompressed_t) { return send(message_view{text}, uncompressed); }
  send_status send(std::span<const std::byte> bytes, uncompressed_t) { return send(message_view{bytes}, uncompressed); }

  /// Changes this connection's limits. What waits already stays, even if it is over the new limit.
  /// @throws std::invalid_argument naming the option if they contradict one another
  void set_limits(const send_limits& limits);
  [[nodiscard]] send_limits limits() const noexcept;

  /// Stops reading: what the client sends waits, in the end in the client. Closing resumes by itself; time-outs for silence rest.
  void pause();
  void resume();
  [[nodiscard]] bool is_paused() const noexcept;

  /// Starts the closing handshake (RFC 6455, 7.1.2): what was sent before leaves first, then a close frame. `close` is called when
  /// the peer answered or `close_timeout` passed. Does nothing if the connection is closing already.
  /// @throws std::invalid_argument if `code` must not be sent or `reason` is over 123 bytes
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// Cuts the connection at once, without a close frame; what still waits is lost. `close` follows with `close_code::abnormal`.
  void terminate();

  /// Runs `sends` and hands everything it sent to the system in one call as soon as it returns, not at the end of the turn.
  void cork(const std::function<void()>& sends);

  /// Sends a ping (RFC 6455, 5.5.2).
  /// @throws std::invalid_argument if `payload` is over 125 bytes
  send_status ping(std::string_view payload = {});
  /// Sends an unsolicited pong (RFC 6455, 5.5.3). Answers to pings are sent by themselves.
  /// @throws std::invalid_argument if `payload` is over 125 bytes
  send_status pong(std::string_view payload = {});

  /// Joins a broadcast group. A group is made by its first member and goes with its last; any string names one. Messages that were
  /// published before are not delivered. The connection leaves all its groups when it closes, before `close` is called.
  void subscribe(std::string_view group);
  void subscribe(const group& joined) { subscribe(joined.name()); }
  void unsubscribe(std::string_view group);
  void unsubscribe(const group& left) { unsubscribe(left.name()); }
  [[nodiscard]] bool is_subscribed(std::string_view group) const;
  /// The groups that the connection is in, in no particular order.
  [[nodiscard]] std::vector<std::string> subscriptions() const;

  /// Sends a message to the members of a group; the publisher need not be one. The message is encoded once.
  ///
  /// All members see the group's messages in one order, and what this connection sends and publishes reaches each of them in the
  /// order of its calls. Members that are over their limit meet their route's `on_limit` policy.
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

  /// Bytes that were accepted and that the system has not yet taken, frame headers included.
  [[nodiscard]] std::size_t buffered_amount() const noexcept;

  /// The client's address without its port, "192.0.2.1" or "2001:db8::1", behind a trusted proxy too; empty for a Unix socket.
  [[nodiscard]] std::string_view remote_address() const noexcept;

  /// The request that opened the connection.
  [[nodiscard]] const harpia::request& request() const noexcept;

  /// The negotiated subprotocol; empty if there is none.
  [[nodiscard]] std::string_view subprotocol() const noexcept;

  /// The connection for others: other threads, actors, connections.
  [[nodiscard]] harpia::handle handle();

  /// When the event loop's turn began; cheap, and the test kit's clock in tests.
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept;

  /// The connection's actor, to request from other actors with replies on this thread, to `become` what takes their messages, to
  /// spawn, link and monitor. Include <harpia/actors.hpp> to use it.
  [[nodiscard]] caf::event_based_actor& self() noexcept;

protected:
  ~socket_base() = default;

private:
  friend class detail::connection;
  friend class detail::endpoint;
  friend class detail::layered_endpoint;
  friend struct detail::behaviour_port;
  detail::connection* connection_ = nullptr;
  std::unique_ptr<detail::own_layers, detail::own_layers_deleter>
      own_layers_; // null unless a middleware is made for each connection
};

/// A connection with its data, as handlers see it.
template <class Data>
class socket : public socket_base {
public:
  /// Lives as long as the connection: made before `upgrade`, destroyed once `close` returned.
  Data data{};
};

} // namespace harpia
