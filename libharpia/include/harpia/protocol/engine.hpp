// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>
#include <harpia/protocol/client_handshake.hpp>
#include <harpia/protocol/frame.hpp>
#include <harpia/protocol/outbound_queue.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace harpia::protocol {

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// What an engine tells the session that it works for, from inside of the engine's own functions only.
class engine_events {
public:
  /// The server's answer to `connect` was what it has to be.
  virtual void on_connected() = 0;
  virtual void on_message(message_view message) = 0;
  virtual void on_ping(std::string_view payload) = 0; // and is being answered
  virtual void on_pong(std::string_view payload) = 0;
  /// It is over: what was to be sent is in the queue. `code` and `reason` are those of the close frame that made it so, `abnormal` if
  /// there was none; `failure` is what the peer did wrong, if anything.
  virtual void on_over(close_code code, std::string_view reason, const error* failure) = 0;

protected:
  ~engine_events() = default;
};

/// Speaks RFC 6455 and 7692 for a session, all of it: Beast's WebSocket stream, over a stream that reads what it is given and writes to
/// an outbound queue. There is no thread, no clock and nothing asynchronous to wait for.
///
/// One that negotiated nothing for its session can go on to work for another whenever it is idle.
class engine {
public:
  virtual ~engine() = default;

  /// Whom it works for from now on. Both outlive that.
  virtual void work_for(engine_events& owner, outbound_queue& out, std::size_t max_payload) = 0;

  /// Answers an opening handshake that `check_upgrade` found no fault with.
  /// @return what is wrong with it all the same; a refusal is in the queue then
  virtual std::error_code accept(const request& opening, const header_fields& fields) = 0;
  /// For a session that was opened by another engine.
  virtual void open() = 0;
  /// Queues a client's opening handshake.
  virtual void connect(const client_opening& opening) = 0;
  /// The server's answer, for which `check_response` found no fault. `on_connected` or `on_over` comes.
  virtual void connected(const http_response& answer) = 0;
  /// Whether messages are encoded and decoded with what was negotiated.
  [[nodiscard]] virtual bool compresses() const noexcept = 0;

  /// Takes the rest of the frame that has begun, or the frame that begins with `bytes`, or all of them while it is closing.
  /// @return how many it took
  virtual std::size_t receive(std::span<const std::byte> bytes) = 0;
  /// There will be no more bytes. Only while it is closing.
  virtual void receive_end() = 0;
  /// Whether it is between messages with nothing left to do.
  [[nodiscard]] virtual bool is_idle() const noexcept = 0;

  /// Begins the closing handshake; `on_over` comes when it is done.
  virtual void close(close_code code, std::string_view reason) = 0;
  /// The frames of a message as they have to be sent, masked or compressed.
  [[nodiscard]] virtual std::optional<std::string> encode(message_view message) = 0;
  /// Queues a ping or pong frame.
  virtual std::error_code send_control(opcode code, std::string_view payload) = 0;
};

/// What the engines of one loop share: memory for operations, and the buffer that messages are put together in. Not thread-safe.
class engine_resources {
public:
  virtual ~engine_resources() = default;
  [[nodiscard]] virtual std::unique_ptr<engine> make(compression offered) = 0;
};

[[nodiscard]] std::unique_ptr<engine_resources> make_engine_resources();

} // namespace harpia::protocol
