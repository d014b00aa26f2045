// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "byte_stream.hpp"
#include "frame_reader.hpp"
#include "handshake.hpp"
#include "inflater.hpp"

#include <vector>

namespace load {

class connection;

/// What every client of a run does alike.
struct client_settings {
  endpoint server;
  std::string path;
  std::size_t groups = 0; // the client of index i asks for "PATH/" and i modulo this; 0: all ask for PATH
  transport below = transport::plain;
  source_address source = source_address::any;
  framing frames = framing::websocket;
  offer extension = offer::nothing;
  std::size_t message_size = 0; // of what comes back: exactly with raw framing, at most where it is compressed
};

/// What happens to the connections of one thread. Functions may throw to end the run.
class connection_events {
public:
  virtual ~connection_events() = default;
  virtual void opened(connection& client) = 0;
  /// A piece of a message, in order, uncompressed.
  virtual void payload(connection& client, std::size_t offset, std::string_view chunk) = 0;
  virtual void message(connection& client, opcode kind, std::size_t length) = 0;
  /// Everything has been handed over that one read brought: the time to answer.
  virtual void batch_ended(connection& client) = 0;
};

/// What the connections of one thread share, so that they hold next to nothing themselves.
struct connection_buffers {
  std::vector<char> read = std::vector<char>(256 << 10);
  inflater inflating;
  std::uint64_t received = 0;            // bytes
  std::uint64_t compressed_messages = 0; // received
};

/// One client: connects, asks for the upgrade, takes frames apart. Whatever goes wrong is thrown by
/// `on_ready` as `std::runtime_error` that names the client. `settings`, `events` and `buffers` outlive it.
class connection {
public:
  enum class phase { upgrading, open, closing, closed };

  connection(std::size_t index, const client_settings& settings, connection_events& events, connection_buffers& buffers);

  /// Writes what waits and reads what is there; to be called whenever an edge-triggered epoll reports the socket.
  void on_ready();
  /// Sends whole frames. What the kernel does not take waits, up to 64 MiB.
  void send(std::string_view frames);
  /// Sends a close frame; the phase is `closed` once the server has answered.
  void start_closing();

  [[nodiscard]] phase now() const { return phase_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] int descriptor() const { return stream_->descriptor(); }

  // The sink of frame_reader.
  void on_payload(std::size_t offset, std::string_view chunk, frame_reader::compression compression);
  void on_message(opcode kind, std::size_t length, frame_reader::compression compression);
  void on_control(opcode kind, std::string_view payload);

private:
  void flush();
  void read_all();
  void take(std::string_view bytes);
  void take_raw(std::string_view bytes);
  void take_response(std::string_view bytes);
  void become_open();
  void on_end();

  std::size_t index_;
  const client_settings& settings_;
  connection_events& events_;
  connection_buffers& buffers_;
  std::unique_ptr<byte_stream> stream_;
  frame_reader reader_;
  phase phase_ = phase::upgrading;
  std::size_t raw_offset_ = 0;
  std::string incomplete_; // the response's head, or a compressed message
  std::string outbound_;   // 64 MiB at most
};

} // namespace load
