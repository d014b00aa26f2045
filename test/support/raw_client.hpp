// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_reply {
  int status = 0;
  std::string reason = {};
  header_list headers = {};
  std::string body = {};

  /// The value of the first field `name`, compared without case; empty if there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// A WebSocket frame (RFC 6455, 5.2), its payload not masked.
struct frame {
  bool fin = true;
  bool rsv1 = false;
  int opcode = 1;
  std::string payload = {};
};

namespace opcode {
inline constexpr int continuation = 0;
inline constexpr int text = 1;
inline constexpr int binary = 2;
inline constexpr int close = 8;
inline constexpr int ping = 9;
inline constexpr int pong = 10;
} // namespace opcode

using mask_key = std::array<std::uint8_t, 4>;
inline constexpr mask_key default_mask{0x37, 0xfa, 0x21, 0x3d}; // that of the examples in RFC 6455, 5.7

/// The bytes of a client's frame, to send whole or in pieces; any opcode, also a wrong one. No mask: as a server would send it.
[[nodiscard]] std::string encode_frame(const frame& frame, std::optional<mask_key> mask = default_mask);

/// Takes the first frame, a server's, off `bytes`; nothing while it is incomplete. Throws for a frame that no server may send.
[[nodiscard]] std::optional<frame> take_frame(std::string& bytes);

/// Code and reason of a close frame; 1005 if it has no code. Throws if it is none.
[[nodiscard]] std::pair<int, std::string> decode_close(const frame& frame);

/// The payload of a close frame.
[[nodiscard]] std::string encode_close(int code, std::string_view reason = {});

/// The answer that belongs to a Sec-WebSocket-Key (RFC 6455, 4.2.2).
[[nodiscard]] std::string accept_for_key(std::string_view key);

struct raw_client_options {
  /// SO_RCVBUF in bytes, set before connecting so that it bounds the TCP window; 0: the system's.
  int receive_buffer = 0;
};

/// A blocking client for tests that shares no protocol code with the library and is strict about what it receives.
///
/// Whatever goes wrong throws a `std::exception` that says so, also when nothing comes or can be sent for 10 s: no test hangs. A
/// connection that the server reset counts as ended, as one that it closed in order does.
class raw_client {
public:
  [[nodiscard]] static raw_client tcp(std::uint16_t port, const raw_client_options& options = {});
  [[nodiscard]] static raw_client unix_socket(const std::string& path, const raw_client_options& options = {});

  /// The client's end of a connection that exists already.
  [[nodiscard]] static raw_client over(net::unique_fd connected);

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  // Bytes

  void send_raw(std::string_view bytes);
  /// At least one and at most `max` bytes; empty at the end.
  [[nodiscard]] std::string read_raw(std::size_t max);
  /// Exactly `size` bytes.
  [[nodiscard]] std::string read_exactly(std::size_t size);
  /// Everything up to and including `delimiter`.
  [[nodiscard]] std::string read_until(std::string_view delimiter);
  /// Everything up to the end.
  [[nodiscard]] std::string read_to_end();
  /// Waits for the next byte or the end; true if it is the end.
  [[nodiscard]] bool at_eof();
  /// Sends FIN; reading goes on.
  void shutdown_write();
  /// Closes in order.
  void close();
  /// Closes with RST (SO_LINGER 0).
  void reset();

  // HTTP

  /// Sends an opening handshake and reads the answer. Fields in `extra_headers` replace those of the same name. A 101 is checked
  /// (RFC 6455, 4.1); any other answer is returned with its body.
  http_reply upgrade(std::string_view path, const header_list& extra_headers = {});
  /// Sends `request` as it is and reads until the server closes; the body is everything behind the head.
  http_reply http(std::string_view request);
  /// `http` with a GET for `path` and "Connection: close".
  http_reply get(std::string_view path);
  /// Reads one answer: its head, and as much body as its Content-Length or its chunks say or else everything to the end.
  http_reply read_reply();
  /// Reads the head of an answer.
  [[nodiscard]] http_reply read_head();
  /// Reads a chunk of the chunked transfer coding; empty: the last one, if nothing follows it.
  [[nodiscard]] std::string read_chunk();

  // Frames

  void send_frame(int opcode, std::string_view payload, bool fin = true);
  void send_text(std::string_view text) { send_frame(opcode::text, text); }
  void send_binary(std::string_view bytes) { send_frame(opcode::binary, bytes); }
  void send_close(int code, std::string_view reason = {}) { send_frame(opcode::close, encode_close(code, reason)); }

  /// The next frame of any kind; throws at the end and for a frame that no server may send.
  [[nodiscard]] frame read_frame();
  [[nodiscard]] std::optional<frame> read_frame_or_eof();
  /// The payload of the next frame, which must be a whole text message.
  [[nodiscard]] std::string read_text();
  /// The payload of the next frame, which must be a whole binary message.
  [[nodiscard]] std::string read_binary();
  /// Code and reason of the next frame, which must be a close frame; 1005 if it has no code.
  [[nodiscard]] std::pair<int, std::string> read_close();

private:
  raw_client(net::unique_fd socket, const raw_client_options& options);
  void connect(const void* address, std::size_t size);
  [[nodiscard]] bool fill();
  [[nodiscard]] std::string take(std::size_t size);
  [[nodiscard]] std::string read_chunks();
  [[nodiscard]] std::string read_message(int opcode);

  net::unique_fd socket_;
  std::string host_ = "localhost"; // for the Host field
  std::string pending_;            // received, not yet read
};

} // namespace harpia::test
