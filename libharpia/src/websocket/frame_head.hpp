// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/masking_keys.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace harpia::inline v0::websocket {

/// The header of a received frame, parsed but not validated (RFC 6455, 5.2).
struct frame_head {
  static constexpr std::size_t max_size = 14;

  unsigned first;             // FIN, RSV1 to RSV3, opcode
  unsigned second;            // MASK, length in 7 bits
  std::uint64_t payload_size; // in bytes
  masking_key mask;           // zeros if it is not masked
  std::size_t size;           // of the header, in bytes

  [[nodiscard]] constexpr bool is_masked() const noexcept { return (second & 0x80U) != 0; }
  [[nodiscard]] constexpr bool is_control() const noexcept { return (first & 0x08U) != 0; }
  [[nodiscard]] constexpr bool is_final() const noexcept { return (first & 0x80U) != 0; }
  [[nodiscard]] constexpr bool is_text() const noexcept { return (first & 0x0FU) == 0x1U; }
  /// Whether the length has the minimal encoding, as the RFC requires.
  [[nodiscard]] constexpr bool is_shortest() const noexcept {
    const auto form = second & 0x7FU;
    return form < 126U || (form == 126U ? payload_size > 125U : payload_size > 0xFFFFU);
  }
};

/// Parses a frame header. @return nothing if more bytes are needed
[[nodiscard]] constexpr std::optional<frame_head> read_frame_head(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() < 2)
    return std::nullopt;
  frame_head head{std::to_integer<unsigned>(bytes[0]), std::to_integer<unsigned>(bytes[1]), 0, {}, 2};
  const auto form = head.second & 0x7FU;
  const std::size_t length_bytes = form < 126U ? 0 : form == 126U ? 2 : 8;
  const std::size_t mask_bytes = head.is_masked() ? head.mask.size() : 0;
  if (bytes.size() < head.size + length_bytes + mask_bytes)
    return std::nullopt;
  head.payload_size = length_bytes == 0 ? form : 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    head.payload_size = head.payload_size << 8U | std::to_integer<std::uint64_t>(bytes[head.size++]);
  for (std::size_t i = 0; i < mask_bytes; ++i)
    head.mask[i] = bytes[head.size++];
  return head;
}

} // namespace harpia::inline v0::websocket
