// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/masking_keys.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace harpia::websocket {

template <class Word>
void apply_mask_word(std::byte* target, const std::byte* key) noexcept {
  Word word;
  Word mask;
  std::memcpy(&word, target, sizeof word);
  std::memcpy(&mask, key, sizeof mask);
  word = static_cast<Word>(word ^ mask);
  std::memcpy(target, &word, sizeof word);
}

/// Masks or unmasks a payload (RFC 6455, 5.3). Works on eight bytes at a time, which compilers vectorise. Handles the rest without a
/// loop, since most messages are short.
inline void apply_mask(std::span<std::byte> payload, const masking_key& key) noexcept {
  std::array<std::byte, 8> twice;
  std::memcpy(twice.data(), key.data(), 4);
  std::memcpy(twice.data() + 4, key.data(), 4);

  auto* const begin = payload.data();
  const auto size = payload.size();
  const auto words = size / 8;
  for (std::size_t word = 0; word < words; ++word)
    apply_mask_word<std::uint64_t>(begin + word * 8, twice.data());
  auto i = words * 8;
  if ((size & 4U) != 0) {
    apply_mask_word<std::uint32_t>(begin + i, twice.data());
    i += 4;
  }
  if ((size & 2U) != 0) {
    apply_mask_word<std::uint16_t>(begin + i, twice.data());
    i += 2;
  }
  if ((size & 1U) != 0)
    begin[i] ^= twice[i % 4];
}

} // namespace harpia::websocket
