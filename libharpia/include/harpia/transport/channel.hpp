// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/transport/unique_fd.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>

struct iovec;

namespace harpia::transport {

/// What a read or write came to.
struct io_result {
  enum class outcome : std::uint8_t { done, would_block, end, failed };

  outcome what;
  std::size_t size = 0;    // after done
  std::error_code error{}; // after failed
};

/// A connected, non-blocking stream socket, TCP or Unix, and where its peer is.
class channel {
public:
  explicit channel(unique_fd socket, std::string remote_address = {}) noexcept
      : socket_{std::move(socket)}, remote_address_{std::move(remote_address)} {}

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  [[nodiscard]] const std::string& remote_address() const noexcept { return remote_address_; }

  /// One `recv`. `end` when the peer will send no more.
  io_result read(std::span<std::byte> target) noexcept;
  /// One `send` or `sendmsg`; may take a part only.
  io_result write(std::span<const iovec> source) noexcept;
  /// Tells the peer that nothing more will come.
  void shutdown_write() noexcept;

private:
  unique_fd socket_;
  std::string remote_address_;
};

} // namespace harpia::transport
