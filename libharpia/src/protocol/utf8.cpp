// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "utf8.hpp"

#include <cstdint>
#include <cstring>
#include <simdjson.h>

namespace harpia::protocol {

namespace {

// Most text is; and a short one is looked through before a call would have found out which instructions the processor has.
bool is_ascii(std::span<const std::byte> text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::uint64_t seen = 0;
  const auto words = text.size() / sizeof seen;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i * sizeof word, sizeof word);
    seen |= word;
  }
  std::uint64_t rest = 0;
  if (const auto done = words * sizeof seen; done < text.size())
    std::memcpy(&rest, text.data() + done, text.size() - done);
  return ((seen | rest) & high_bits) == 0;
}

} // namespace

bool is_utf8(std::span<const std::byte> text) noexcept {
  return is_ascii(text) || simdjson::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

} // namespace harpia::protocol
