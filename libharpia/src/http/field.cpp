// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/field.hpp"

#include "vocabulary/lower.hpp"
#include "vocabulary/token.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace harpia::inline v0::http {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

// RFC 3986, 3.2.2, without the '%' of an encoded byte.
constexpr auto host_characters = [] {
  std::array<bool, 256> result{};
  for (const char c : std::string_view{"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~!$&'()*+,;="})
    result[static_cast<unsigned char>(c)] = true;
  return result;
}();

bool is_host_character(char c) noexcept {
  return host_characters[static_cast<unsigned char>(c)];
}

bool is_registered_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_host_character(text[i]))
      continue;
    if (text[i] != '%' || i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
      return false;
    i += 2;
  }
  return true;
}

// What may stand between the brackets; which addresses there are is not checked.
bool is_literal_address(std::string_view text) noexcept {
  const auto is_part = [](char c) { return is_host_character(c) || c == ':'; };
  return !text.empty() && std::ranges::all_of(text, is_part);
}

} // namespace

bool is_field(std::string_view name, std::string_view value) noexcept {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
  return is_token(name) && std::ranges::none_of(value, is_control);
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  return visit_list(list, [token](std::string_view element) { return equal_ignoring_case(element, token); });
}

bool is_host(std::string_view text) noexcept {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !is_literal_address(text.substr(1, end - 1)))
      return false;
    port = text.substr(end + 1);
  } else {
    const auto size = std::min(text.find(':'), text.size());
    if (!is_registered_name(text.substr(0, size)))
      return false;
    port = text.substr(size);
  }
  return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

} // namespace harpia::inline v0::http
