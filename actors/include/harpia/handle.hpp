// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/codec.hpp>
#include <harpia/deflate_options.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace caf {
class actor;
}

namespace harpia {

namespace websocket {
class frame;
}

namespace detail {
struct access;
struct remote_connection;
} // namespace detail

/// A connection as others see it: a value that any thread and any actor may keep, copy and use.
///
/// Weak: it keeps neither the connection nor its data alive. Once the connection is closing, everything answers `closed` or does
/// nothing. Include <harpia/actors.hpp> to use the connection as a `caf::actor`.
class HARPIA_API handle {
public:
  /// Refers to no connection.
  handle() = default;

  /// Sends a message. The answer is immediate and counts what is on its way to the connection's loop: after `sent` or `buffered`
  /// the message is in the connection's order and dropped only if its policy makes room for newer ones; after `buffered` the
  /// connection's `drain` is called. Messages of one thread keep their order. Keys are looked at when a message arrives: over the
  /// limit it is refused here, even if it could take another's place.
  send_status send(message_view message, std::string_view key = {}) const;
  send_status send(std::string_view text, std::string_view key = {}) const { return send(message_view{text}, key); }
  send_status send(std::span<const std::byte> bytes, std::string_view key = {}) const { return send(message_view{bytes}, key); }

  /// Sends a message that is not to be compressed, see `uncompressed`.
  send_status send(message_view message, uncompressed_t) const;
  send_status send(std::string_view text, uncompressed_t) const { return send(message_view{text}, uncompressed); }
  send_status send(std::span<const std::byte> bytes, uncompressed_t) const { return send(message_view{bytes}, uncompressed); }

  /// Sends a value, as `socket_base::send` does.
  template <codec Codec>
  send_status send(const Codec& codec, const typename Codec::message_type& value) const {
    return send(detail::as_message(codec, codec.encode(value)));
  }

  /// As `socket_base::close`, soon. Messages that `send` has accepted before it leave before it, those of other threads too.
  /// @throws std::invalid_argument if `code` must not be sent or `reason` is over 123 bytes
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// The connection's actor, as `as_actor`; include <harpia/actors.hpp> to use it.
  [[nodiscard]] operator caf::actor() const;

  /// Whether the connection takes messages, as far as is known at this moment.
  [[nodiscard]] bool is_open() const noexcept;

private:
  friend struct detail::access;
  send_status send_encoded(std::shared_ptr<const websocket::frame> encoded, std::string_view key) const;

  explicit handle(std::shared_ptr<const detail::remote_connection> state) : state_{std::move(state)} {}

  std::shared_ptr<const detail::remote_connection> state_;
};

} // namespace harpia
