// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "vocabulary/number_text.hpp"
#include <harpia/position.hpp>

namespace harpia::inline v0 {

std::optional<position> position::parse(std::string_view text) noexcept {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  const auto epoch = parse_number<std::uint64_t>(text.substr(0, dot), 16);
  const auto offset = parse_number<std::uint64_t>(text.substr(dot + 1));
  if (!epoch || *epoch == 0 || *epoch > max_epoch || !offset)
    return std::nullopt;
  return position{*epoch, *offset};
}

std::string to_string(const position& where) {
  std::string text;
  append_number(text, where.epoch, 16);
  text += '.';
  append_number(text, where.offset);
  return text;
}

} // namespace harpia::inline v0
