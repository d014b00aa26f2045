// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_options.hpp>
#include <harpia/send_status.hpp>

#include <utility>

namespace harpia::inline v0 {

/// How messages are sent, the same for `socket`, `connection`, `handle` and `client`, which derive from it.
///
///     ws.send("hello");                                // text: a string, or characters in a row
///     ws.send(std::vector<std::byte>{…});              // binary: bytes in a row
///     ws.send(harpia::json<answer>, {.id = 7});        // a value, encoded
///     ws.send(price, {.key = "EURUSD"});               // see `send_options`
///
/// The bytes are copied, or written before `send` returns. Messages reach the peer in the order of the calls.
///
/// *Errors* Throws `std::invalid_argument` if a text is not UTF-8, what `encode` throws, and what a middleware's `send` throws.
///
/// *Thread safety*, *Lifetimes* Those of the class that derives from it.
///
/// *Not promised* Acceptance is not delivery. Only an answer of the peer shows what it has received.
template <class Self>
class message_sender {
public:
  /// Sends a message.
  /// @return see `send_status`
  send_status send(message_view message) const { return self().send_message(message); }
  send_status send(message_view message, send_options options) const { return self().send_message(message, std::move(options)); }

  /// Sends a value, encoded by a codec.
  template <codec Codec>
  send_status send(const Codec& codec, const typename Codec::message_type& value) const {
    return send(detail::as_message(codec, codec.encode(value)));
  }
  template <codec Codec>
  send_status send(const Codec& codec, const typename Codec::message_type& value, send_options options) const {
    return send(detail::as_message(codec, codec.encode(value)), std::move(options));
  }

protected:
  message_sender() = default;
  message_sender(const message_sender&) = default;
  message_sender& operator=(const message_sender&) = default;
  ~message_sender() = default;

private:
  [[nodiscard]] const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

} // namespace harpia::inline v0
