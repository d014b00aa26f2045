// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "06_game/rules.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

using game::board;
using game::mark;

namespace {

/// A board after these cells have been taken in turn.
board after(std::initializer_list<int> cells) {
  board result;
  for (const int cell : cells)
    BOOST_REQUIRE(!result.play(result.turn(), cell));
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(game_rules)

BOOST_AUTO_TEST_CASE(x_begins_on_an_empty_board_and_turns_alternate) {
  board fresh;
  BOOST_TEST(fresh.text() == ".........");
  BOOST_TEST((fresh.turn() == mark::x));
  BOOST_TEST(!fresh.play(mark::x, 4));
  BOOST_TEST((fresh.turn() == mark::o));
  BOOST_TEST(!fresh.play(mark::o, 0));
  BOOST_TEST((fresh.turn() == mark::x));
  BOOST_TEST(fresh.text() == "O...X....");
}

BOOST_AUTO_TEST_CASE(illegal_moves_are_refused_and_change_nothing) {
  auto game = after({4});
  BOOST_TEST(game.play(mark::x, 0).value_or("") == "it is not your turn");
  BOOST_TEST(game.play(mark::none, 0).value_or("") == "it is not your turn");
  BOOST_TEST(game.play(mark::o, 4).value_or("") == "the cell is taken");
  for (const int cell : {-1, 9, 1 << 30, -(1 << 30)})
    BOOST_TEST(game.play(mark::o, cell).value_or("") == "there is no such cell");
  BOOST_TEST(game.text() == "....X....");
  BOOST_TEST((game.turn() == mark::o));
}

BOOST_AUTO_TEST_CASE(every_row_wins) {
  const std::vector<std::vector<int>> rows{
      {0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}};
  for (const auto& row : rows) {
    std::vector<int> others; // two cells are no row
    for (int cell = 0; others.size() < 2; ++cell)
      if (cell != row[0] && cell != row[1] && cell != row[2])
        others.push_back(cell);
    const auto game = after({row[0], others[0], row[1], others[1], row[2]});
    BOOST_TEST((game.winner() == mark::x));
    BOOST_TEST(game.row() == row, boost::test_tools::per_element());
    BOOST_TEST(game.is_over());
    BOOST_TEST((game.turn() == mark::none));
  }
}

BOOST_AUTO_TEST_CASE(o_can_win_too) {
  const auto game = after({0, 3, 1, 4, 8, 5});
  BOOST_TEST((game.winner() == mark::o));
  BOOST_TEST(game.row() == (std::vector<int>{3, 4, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_board_without_a_row_is_a_draw) {
  auto game = after({0, 1, 2, 4, 3, 5, 7, 6, 8});
  BOOST_TEST(game.is_over());
  BOOST_TEST((game.winner() == mark::none));
  BOOST_TEST(game.row().empty());
  BOOST_TEST(game.play(mark::o, 0).value_or("") == "the match is over");
}

BOOST_AUTO_TEST_CASE(the_last_cell_can_win) {
  const auto game = after({0, 1, 2, 3, 4, 5, 7, 6, 8});
  BOOST_TEST((game.winner() == mark::x));
  BOOST_TEST(game.row() == (std::vector<int>{0, 4, 8}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_can_be_played_after_a_win) {
  auto game = after({0, 3, 1, 4, 2});
  BOOST_TEST(game.play(mark::o, 5).value_or("") == "the match is over");
  BOOST_TEST(game.text() == "XXXOO....");
}

BOOST_AUTO_TEST_SUITE_END()
