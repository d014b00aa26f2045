// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace load {

/// Where the server is: `host` is a numeric IPv4 address, as loads go to this machine only.
struct endpoint {
  std::string host;
  std::uint16_t port;
};

enum class transport { plain, tls };

/// Whether clients take turns with the addresses of 127.0.0.0/8, so that short connections do not run out of ports.
enum class source_address { any, rotating };

enum class io_status { ok, would_block, closed };

struct io_result {
  io_status status;
  std::size_t bytes;
};

/// A connected or connecting non-blocking socket. Failures throw `std::runtime_error`. Used by one thread.
class byte_stream {
public:
  virtual ~byte_stream() = default;
  /// Fewer bytes than `size` mean that there is nothing more to read now.
  virtual io_result read(char* data, std::size_t size) = 0;
  virtual io_result write(const char* data, std::size_t size) = 0;
  [[nodiscard]] virtual int descriptor() const = 0;
};

/// Starts to connect; what is written before the connection stands answers `would_block`.
std::unique_ptr<byte_stream> connect_plain(const endpoint& server, source_address source);
/// The same with TLS 1.2 or later over it. The server's certificate is not verified.
std::unique_ptr<byte_stream> connect_tls(const endpoint& server, source_address source);

} // namespace load
