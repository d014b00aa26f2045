// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// Appends \xNN for a byte that a log line must not contain.
inline void append_escaped(std::string& line, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  line.append({'\\', 'x', digits[byte >> 4], digits[byte & 0xF]});
}

[[nodiscard]] constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

} // namespace harpia::inline v0::detail
