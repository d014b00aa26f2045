// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace game {

enum class mark : char { none = '.', x = 'X', o = 'O' };

[[nodiscard]] constexpr mark opponent_of(mark who) noexcept {
  return who == mark::x ? mark::o : mark::x;
}

/// Noughts and crosses: nine cells, numbered row by row from 0; X begins; three in a row win.
class board {
public:
  static constexpr std::size_t cells = 9;

  /// Puts `who`'s mark on a cell.
  /// @return why that is against the rules; then nothing has changed
  std::optional<std::string_view> play(mark who, int cell);

  /// Whose turn it is; `none` once the game is over.
  [[nodiscard]] mark turn() const noexcept;
  [[nodiscard]] bool is_over() const noexcept;
  /// `none` as long as nobody has won, and if nobody has in the end.
  [[nodiscard]] mark winner() const noexcept;
  /// The cells of a row that won; empty without a winner.
  [[nodiscard]] std::vector<int> row() const;
  /// The marks of all cells, for example "X.O......".
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_ = std::string(cells, static_cast<char>(mark::none));
  mark next_ = mark::x;
};

} // namespace game
