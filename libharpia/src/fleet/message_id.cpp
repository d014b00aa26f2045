// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/message_id.hpp"

#include "vocabulary/number_text.hpp"

namespace harpia::inline v0::fleet {

std::optional<message_id> message_id::parse(std::string_view text) noexcept {
  if (text == "-")
    return message_id{};
  const auto dot = text.find('.');
  if (!text.starts_with('n') || dot == std::string_view::npos)
    return std::nullopt;
  const auto incarnation = parse_number<std::uint64_t>(text.substr(1, dot - 1), 16);
  auto rest = text.substr(dot + 1);
  std::uint64_t attempt = 1;
  if (const auto second = rest.find('.'); second != std::string_view::npos) {
    const auto parsed = parse_number<std::uint64_t>(rest.substr(second + 1));
    if (!parsed || *parsed < 2)
      return std::nullopt;
    attempt = *parsed;
    rest = rest.substr(0, second);
  }
  const auto number = parse_number<std::uint64_t>(rest);
  if (!incarnation || *incarnation == 0 || !number || *number == 0)
    return std::nullopt;
  return message_id{*incarnation, *number, attempt};
}

std::string to_string(const message_id& id) {
  if (id.is_none())
    return "-";
  std::string text = "n";
  append_number(text, id.incarnation, 16);
  text += '.';
  append_number(text, id.number);
  if (id.attempt > 1) {
    text += '.';
    append_number(text, id.attempt);
  }
  return text;
}

} // namespace harpia::inline v0::fleet
