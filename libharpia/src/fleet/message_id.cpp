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
  const auto number = parse_number<std::uint64_t>(text.substr(dot + 1));
  if (!incarnation || *incarnation == 0 || !number || *number == 0)
    return std::nullopt;
  return message_id{*incarnation, *number};
}

std::string to_string(const message_id& id) {
  if (id.is_none())
    return "-";
  std::string text = "n";
  append_number(text, id.incarnation, 16);
  text += '.';
  append_number(text, id.number);
  return text;
}

} // namespace harpia::inline v0::fleet
