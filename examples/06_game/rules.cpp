// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "rules.hpp"

#include <algorithm>
#include <array>

namespace game {

namespace {

constexpr auto empty = static_cast<char>(mark::none);
using row_of_cells = std::array<int, 3>;
constexpr std::array<row_of_cells, 8> rows = {{
    {0, 1, 2},
    {3, 4, 5},
    {6, 7, 8}, // across
    {0, 3, 6},
    {1, 4, 7},
    {2, 5, 8}, // down
    {0, 4, 8},
    {2, 4, 6}, // askew
}};

const row_of_cells* winning_row(const std::string& text) {
  const auto at = [&](int cell) { return text[static_cast<std::size_t>(cell)]; };
  const auto* const found = std::ranges::find_if(rows, [&](const row_of_cells& row) {
    return at(row[0]) != empty && at(row[0]) == at(row[1]) && at(row[1]) == at(row[2]);
  });
  return found == rows.end() ? nullptr : found;
}

} // namespace

std::optional<std::string_view> board::play(mark who, int cell) {
  if (is_over())
    return "the match is over";
  if (who != next_)
    return "it is not your turn";
  if (cell < 0 || cell >= static_cast<int>(cells))
    return "there is no such cell";
  auto& target = text_[static_cast<std::size_t>(cell)];
  if (target != empty)
    return "the cell is taken";
  target = static_cast<char>(who);
  next_ = opponent_of(who);
  return std::nullopt;
}

mark board::turn() const noexcept {
  return is_over() ? mark::none : next_;
}

bool board::is_over() const noexcept {
  return winner() != mark::none || text_.find(empty) == std::string::npos;
}

mark board::winner() const noexcept {
  return winning_row(text_) ? opponent_of(next_) : mark::none; // whoever moved last
}

std::vector<int> board::row() const {
  const auto* const row = winning_row(text_);
  return row ? std::vector<int>(row->begin(), row->end()) : std::vector<int>{};
}

} // namespace game
