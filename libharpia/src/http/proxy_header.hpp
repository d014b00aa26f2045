// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace harpia::http {

/// Reads the header that a proxy puts before everything else, to tell whose connection it passes on: the PROXY protocol, versions 1
/// and 2 (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2), from bytes that come in pieces.
///
/// Takes not one byte of what follows, and keeps at most 107 bytes.
class proxy_header_reader {
public:
  enum class state : std::uint8_t { incomplete, complete, failed };

  /// Bytes that a whole header may have; the specification would allow 64 KiB of additional fields.
  static constexpr std::size_t max_size = 4096;

  /// Takes bytes until the header is complete, or cannot become one; after that none.
  state read(std::span<const std::byte> bytes);
  /// How many of the bytes of the last `read` belonged to the header.
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  /// Whether anything has been read.
  [[nodiscard]] bool started() const noexcept { return size_ > 0; }

  /// After `complete`: whose connection the proxy passes on. Nothing if that is the proxy itself (LOCAL), if it does not know
  /// (UNKNOWN, UNSPEC), and for a Unix socket.
  [[nodiscard]] const std::optional<network_address>& source() const noexcept { return source_; }

private:
  void take(char byte);
  void take_line_byte();
  void take_block_byte();
  [[nodiscard]] state read_line();
  [[nodiscard]] state read_fixed_part();
  [[nodiscard]] state read_addresses();

  std::string head_;      // what was read, as far as addresses can be in it
  std::size_t size_ = 0;  // bytes read
  std::size_t whole_ = 0; // of version 2: bytes in all, once they are known
  std::size_t used_ = 0;
  state state_ = state::incomplete;
  std::optional<network_address> source_;
};

} // namespace harpia::http
