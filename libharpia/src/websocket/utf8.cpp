// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/utf8.hpp"

#include <cstdint>
#include <cstring>
#include <simdjson.h>

namespace harpia::websocket {

namespace {

// Most text is ASCII. For short text this check costs less than the library's call, which selects instructions for the processor.
bool is_ascii(std::span<const std::byte> text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  const auto word_at = [&](std::size_t i, std::size_t size = sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, size);
    return word;
  };
  if (text.size() < sizeof(std::uint64_t))
    return text.empty() || (word_at(0, text.size()) & high_bits) == 0;
  auto seen = word_at(text.size() - sizeof(std::uint64_t)); // the last word, which may overlap the one before
  for (std::size_t i = 0; i + sizeof seen <= text.size(); i += sizeof seen)
    seen |= word_at(i);
  return (seen & high_bits) == 0;
}

} // namespace

bool is_utf8(std::span<const std::byte> text) noexcept {
  return is_ascii(text) || simdjson::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

} // namespace harpia::websocket
