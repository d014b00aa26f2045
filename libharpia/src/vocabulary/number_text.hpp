// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace harpia::inline v0 {

/// Appends `value` in digits of `base`, without leading zeros.
inline void append_number(std::string& to, std::unsigned_integral auto value, int base = 10) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  to.append(digits, end);
}

/// Reads what `append_number` writes. @return nothing for any other text: signs, capitals, leading zeros, numbers that are too large
template <std::unsigned_integral Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) noexcept {
  if (text.empty() || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  for (const char each : text)
    if (each >= 'A' && each <= 'Z')
      return std::nullopt;
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (fault != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

} // namespace harpia::inline v0
