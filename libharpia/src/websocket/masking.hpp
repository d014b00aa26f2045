// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/masking_keys.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace harpia::inline v0::websocket {

/// Masks or unmasks a payload (RFC 6455, 5.3). Works on sixteen bytes at a time, which compilers put into one register. Handles the rest
/// without a loop, since most messages are short.
/// @return whether all bytes are ASCII afterwards, which is known at no further cost
inline bool apply_mask(std::span<std::byte> payload, const masking_key& key) noexcept {
  constexpr std::size_t block = 16;
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::uint32_t once = 0;
  std::memcpy(&once, key.data(), sizeof once);
  const auto twice = std::uint64_t{once} << 32U | once;
  auto* at = payload.data();
  const auto mask_word = [](std::byte* target, auto mask) {
    auto word = mask;
    std::memcpy(&word, target, sizeof word);
    word = static_cast<decltype(mask)>(word ^ mask);
    std::memcpy(target, &word, sizeof word);
    return std::uint64_t{word};
  };
  std::array<std::uint64_t, 2> seen{};
  for (const auto* const end = at + payload.size() / block * block; at != end; at += block) {
    seen[0] |= mask_word(at, twice);
    seen[1] |= mask_word(at + sizeof twice, twice);
  }
  if ((payload.size() & 8U) != 0) {
    seen[0] |= mask_word(at, twice);
    at += sizeof twice;
  }
  if ((payload.size() & 4U) != 0) {
    seen[1] |= mask_word(at, once);
    at += sizeof once;
  }
  if ((payload.size() & 2U) != 0) {
    std::uint16_t half = 0;
    std::memcpy(&half, key.data(), sizeof half);
    seen[0] |= mask_word(at, half);
    at += sizeof half;
  }
  if ((payload.size() & 1U) != 0)
    seen[1] |= mask_word(at, std::to_integer<std::uint8_t>(key[payload.size() & 2U]));
  return ((seen[0] | seen[1]) & high_bits) == 0;
}

} // namespace harpia::inline v0::websocket
