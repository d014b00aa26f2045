// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/client_handshake.hpp"
#include "websocket/frame.hpp"
#include "websocket/outbound_queue.hpp"
#include "websocket/plain_frame.hpp"
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace harpia::websocket {

/// Whether messages may be compressed, that is, whether their first frame may have RSV1 (RFC 7692, 6).
enum class deflate_agreed : bool { no, yes };

/// How messages are given to whoever takes them.
enum class messages : bool { whole, in_parts };

/// What a session expects of its engine.
struct engine_task {
  std::size_t max_payload; ///< bytes of an uncompressed message
  deflate_agreed deflates;
  messages given;
};

/// What an engine tells the session that it works for, from inside of the engine's own functions only.
class engine_events {
public:
  /// The server's answer to `connect` was what it has to be.
  virtual void on_connected() = 0;
  virtual void on_message(message_view message) = 0;
  /// A part of a message, if those are given in parts. Texts are cut anywhere.
  virtual void on_part(message_view part, last_part last) = 0;
  /// A part of a compressed message, as it came.
  virtual void on_deflated(message_view part, last_part last) = 0;
  virtual void on_ping(std::string_view payload) = 0; // and is being answered
  virtual void on_pong(std::string_view payload) = 0;
  /// It is over: what was to be sent is in the queue. `code` and `reason` are those of the close frame that made it so, `abnormal` if
  /// there was none; `failure` is what the peer did wrong, if anything.
  virtual void on_over(close_code code, std::string_view reason, const error* failure) = 0;

protected:
  ~engine_events() = default;
};

/// Speaks RFC 6455 for a session, all of it: Beast's WebSocket stream, over a stream that reads what it is given and writes to
/// an outbound queue. There is no thread, no clock and nothing asynchronous to wait for. Of RFC 7692 it knows that a message may be
/// compressed, and leaves it so.
///
/// It can go on to work for another session whenever it is idle.
class engine {
public:
  virtual ~engine() = default;

  /// Whom it works for from now on. Both outlive that.
  virtual void work_for(engine_events& owner, outbound_queue& out, const engine_task& task) = 0;

  /// For a server's session, which is open.
  virtual void open() = 0;
  /// Queues a client's opening handshake.
  virtual void connect(const client_opening& opening) = 0;
  /// The server's answer, for which `check_response` found no fault. `on_connected` or `on_over` comes.
  virtual void connected(const http_response& answer) = 0;

  /// Takes the rest of the frame that has begun, or the frame that begins with `bytes`, or some of it, and works in their place.
  /// @return how many it took, more than 0 if there are any
  virtual std::size_t receive(std::span<std::byte> bytes) = 0;
  /// There will be no more bytes. Only while it is closing.
  virtual void receive_end() = 0;
  /// Whether it is between messages with nothing left to do.
  [[nodiscard]] virtual bool is_idle() const noexcept = 0;

  /// Begins the closing handshake; `on_over` comes when it is done.
  virtual void close(close_code code, std::string_view reason) = 0;
  /// The same for a session that has sent the close frame by itself.
  virtual void close_was_sent() = 0;
  /// Ends it for what the peer did wrong, with a close frame; `on_over` comes at once. Does nothing while it is closing.
  virtual void refuse(close_code code, const error& wrong) = 0;
  /// The frame of a message as a client has to send it, masked.
  [[nodiscard]] virtual std::optional<std::string> encode(message_view message) = 0;
  /// Queues a ping or pong frame.
  virtual std::error_code send_control(opcode code, std::string_view payload) = 0;
};

/// What the engines of one loop share: memory for operations, and the buffer that messages are put together in. Not thread-safe.
class engine_resources {
public:
  virtual ~engine_resources() = default;
  [[nodiscard]] virtual std::unique_ptr<engine> make() = 0;
};

[[nodiscard]] std::unique_ptr<engine_resources> make_engine_resources();

} // namespace harpia::websocket
