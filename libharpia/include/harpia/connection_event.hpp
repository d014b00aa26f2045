// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

namespace harpia::inline v0 {

class reply;

namespace websocket {

/// The events of a connection, as the library carries them. The messages that behaviours receive are those of `harpia::event`.
///
/// Each event has the name of its handler (`handler`), selects it in a struct of handlers (`of`), and calls a function with the arguments
/// that the handler takes after the socket (`pass`).
///
/// *Lifetimes*: Events are views. What they refer to is valid until the function that receives the event returns.
namespace event {

/// A whole message was received.
struct message {
  message_view content;

  static constexpr auto handler = "message";
  static const auto& of(const auto& handlers) noexcept { return handlers.message; }
  void pass(auto function) const { function(content); }
};

/// The connection is open.
struct opened {
  static constexpr auto handler = "open";
  static const auto& of(const auto& handlers) noexcept { return handlers.open; }
  void pass(auto function) const { function(); }
};

/// A part of a message was received, on a connection that receives messages in parts.
///
/// The last part may be empty. Text is split between characters.
struct message_part {
  message_view content;
  last_part last;

  static constexpr auto handler = "message_part";
  static const auto& of(const auto& handlers) noexcept { return handlers.message_part; }
  void pass(auto function) const { function(content, last); }
};

/// The peer made a call, see docs/calls.md.
struct called {
  message_view request;
  reply& answer; // moved into the handler

  static constexpr auto handler = "call";
  static const auto& of(const auto& handlers) noexcept { return handlers.call; }
  void pass(auto function) const { function(request, std::move(answer)); }
};

/// The connection has ended.
///
/// `code` and `reason` are those of the first close frame, received or sent. Without a close frame, `code` is `close_code::abnormal`.
struct closed {
  close_code code;
  std::string_view reason;

  static constexpr auto handler = "close";
  static const auto& of(const auto& handlers) noexcept { return handlers.close; }
  void pass(auto function) const { function(code, reason); }
};

/// The bytes that wait for the peer have fallen to the low watermark, after `send` returned `buffered`.
struct drained {
  static constexpr auto handler = "drain";
  static const auto& of(const auto& handlers) noexcept { return handlers.drain; }
  void pass(auto function) const { function(); }
};

/// The `on_limit` policy has dropped messages since the last event of this type. `bytes` includes frame headers.
struct dropped {
  std::size_t count;
  std::size_t bytes;

  static constexpr auto handler = "dropped";
  static const auto& of(const auto& handlers) noexcept { return handlers.dropped; }
  void pass(auto function) const { function(count, bytes); }
};

/// The connection has failed. `closed` follows, unless `on_crash::restart` restarts the connection.
struct failed {
  const error& what;

  static constexpr auto handler = "error";
  static const auto& of(const auto& handlers) noexcept { return handlers.error; }
  void pass(auto function) const { function(what); }
};

/// A ping was received. The pong is sent automatically.
struct pinged {
  std::string_view payload;

  static constexpr auto handler = "ping";
  static const auto& of(const auto& handlers) noexcept { return handlers.ping; }
  void pass(auto function) const { function(payload); }
};

/// A pong was received.
struct ponged {
  std::string_view payload;

  static constexpr auto handler = "pong";
  static const auto& of(const auto& handlers) noexcept { return handlers.pong; }
  void pass(auto function) const { function(payload); }
};

} // namespace event

using connection_event = std::variant<event::message, event::opened, event::message_part, event::called, event::closed,
                                      event::drained, event::dropped, event::failed, event::pinged, event::ponged>;

} // namespace websocket
} // namespace harpia::inline v0
