// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace harpia::inline v0::websocket {

/// Whether `text` is UTF-8, for text of any length and content.
[[nodiscard]] bool is_any_utf8(std::span<const std::byte> text) noexcept;

/// Whether `text` is UTF-8 (RFC 3629) from its first byte to its last.
///
/// Most text is short and ASCII. For that, looking at sixteen bytes at a time costs less than a call that selects instructions for the
/// processor.
[[nodiscard]] inline bool is_utf8(std::span<const std::byte> text) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  constexpr std::size_t longest_short = 128;
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  const auto size = text.size();
  if (size < word || size > longest_short)
    return is_any_utf8(text);
  const auto word_at = [&](std::size_t i) {
    std::uint64_t read = 0;
    std::memcpy(&read, text.data() + i, word);
    return read;
  };
  // The last words may overlap those before.
  auto seen = word_at(size - word);
  if (size > word)
    seen |= word_at(size < 2 * word ? 0 : size - 2 * word);
  for (std::size_t i = 0; i + 2 * word < size; i += 2 * word)
    seen |= word_at(i) | word_at(i + word);
  return (seen & high_bits) == 0 || is_any_utf8(text);
}

} // namespace harpia::inline v0::websocket
