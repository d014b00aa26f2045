// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace harpia::protocol {

/// Masks a payload, or unmasks it (RFC 6455, 5.3). Eight bytes at a time, which compilers make vectors of.
inline void apply_mask(std::span<std::byte> payload, const std::array<std::byte, 4>& key) noexcept {
  std::array<std::byte, 8> twice;
  std::memcpy(twice.data(), key.data(), 4);
  std::memcpy(twice.data() + 4, key.data(), 4);
  std::uint64_t mask = 0;
  std::memcpy(&mask, twice.data(), sizeof mask);

  auto* const begin = payload.data();
  const auto words = payload.size() / sizeof mask;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, begin + i * sizeof word, sizeof word);
    word ^= mask;
    std::memcpy(begin + i * sizeof word, &word, sizeof word);
  }
  for (auto i = words * sizeof mask; i < payload.size(); ++i)
    begin[i] ^= twice[i % sizeof mask];
}

} // namespace harpia::protocol
