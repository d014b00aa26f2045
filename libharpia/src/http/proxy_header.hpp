// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace harpia::inline v0::http {

/// Parses the PROXY protocol header, versions 1 and 2 (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2), incrementally. A proxy
/// sends it before all other bytes. It holds the address of the client whose connection the proxy forwards.
///
/// Never consumes a byte after the header. Buffers at most 107 bytes.
class proxy_header_reader {
public:
  enum class state : std::uint8_t { incomplete, complete, failed };

  /// Maximum size of a whole header in bytes; the specification would allow 64 KiB of additional fields.
  static constexpr std::size_t max_size = 4096;

  /// Consumes bytes until the header is complete or invalid, and none after that.
  state read(std::span<const std::byte> bytes);
  /// The number of bytes of the last `read` that belonged to the header.
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  /// Whether anything has been read.
  [[nodiscard]] bool started() const noexcept { return size_ > 0; }

  /// After `complete`: the client's address. Nothing if the proxy connects for itself (LOCAL), does not know the client (UNKNOWN,
  /// UNSPEC), or forwards a Unix socket.
  [[nodiscard]] const std::optional<network_address>& source() const noexcept { return source_; }

private:
  void take(char byte);
  void take_line_byte();
  void take_block_byte();
  [[nodiscard]] state read_line();
  [[nodiscard]] state read_fixed_part();
  [[nodiscard]] state read_addresses();

  std::string head_;      // the bytes read that can contain addresses
  std::size_t size_ = 0;  // bytes read
  std::size_t whole_ = 0; // version 2: total size in bytes, once it is known
  std::size_t used_ = 0;
  state state_ = state::incomplete;
  std::optional<network_address> source_;
};

} // namespace harpia::inline v0::http
