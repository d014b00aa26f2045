// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::test {

/// A frame of either side as it is in a stream of bytes, whatever is wrong with it. The payload is not masked.
struct parsed_frame {
  unsigned first;       // FIN, RSV1 to RSV3, opcode
  std::uint64_t length; // as the header says: of the last frame of a stream there may be less
  std::string payload;

  [[nodiscard]] bool is_final() const noexcept { return (first & 0x80U) != 0; }
  [[nodiscard]] bool is_deflated() const noexcept { return (first & 0x40U) != 0; }
  [[nodiscard]] unsigned opcode() const noexcept { return first & 0x0FU; }
  [[nodiscard]] bool is_control() const noexcept { return (first & 0x08U) != 0; }
};

using parsed_frames = std::vector<parsed_frame>;

/// The frames in a stream, by their lengths. A header at the end that is not complete is left out.
[[nodiscard]] parsed_frames parse_frames(std::string_view bytes);

inline constexpr std::size_t all_messages = std::string::npos;

/// The number of messages before the first whose payload no peer that follows RFC 7692, 7.2.1 sends: it cannot be inflated within the
/// window, has a last block, or does not end with the empty block of which the last four bytes are left out. Implementations treat such
/// messages differently, and may be out of step from then on. `all_messages` if there is none.
[[nodiscard]] std::size_t count_well_deflated(const parsed_frames& frames, int window_bits, context_takeover takeover);

} // namespace harpia::test
