// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/envelope.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace harpia::inline v0::websocket {

namespace {

constexpr std::array<std::string_view, 3> words{"call ", "reply ", "error "}; // by verb
constexpr std::size_t max_digits = 20;                                        // digits of 2^64 - 1

} // namespace

std::optional<envelope> parse_envelope(std::string_view message) noexcept {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!message.starts_with(words[i]))
      continue;
    const auto rest = message.substr(words[i].size());
    const auto line_end = rest.substr(0, max_digits + 1).find('\n');
    if (line_end == std::string_view::npos || (rest.front() == '0' && line_end > 1))
      return std::nullopt;
    const auto digits = rest.substr(0, line_end);
    std::uint64_t id = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (failure != std::errc{} || end != digits.data() + digits.size())
      return std::nullopt;
    return envelope{static_cast<verb>(i), id, rest.substr(line_end + 1)};
  }
  return std::nullopt;
}

std::string make_envelope(verb what, std::uint64_t id, std::string_view payload) {
  const auto word = words[static_cast<std::size_t>(what)];
  const auto number = std::to_string(id);
  std::string result;
  result.reserve(word.size() + number.size() + 1 + payload.size());
  return result.append(word).append(number).append(1, '\n').append(payload);
}

} // namespace harpia::inline v0::websocket
