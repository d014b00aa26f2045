// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/class.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// What travels between the game and its players, as JSON objects. Marks are "X" and "O", cells are numbered from 0.
namespace game {

/// The one message that players send.
struct move {
  int cell = 0;
};
BOOST_DESCRIBE_STRUCT(move, (), (cell))

/// To a player who has no opponent yet.
struct waiting {
  std::string type = "waiting";
};
BOOST_DESCRIBE_STRUCT(waiting, (), (type))

/// To a player who has got a seat, or has come back to it.
struct seated {
  std::string type = "seated";
  std::string match = {};
  std::string mark = {};
  std::string seat = {}; // the secret to come back with: "/play?seat=…"
};
BOOST_DESCRIBE_STRUCT(seated, (), (type, match, mark, seat))

/// To everyone at a match, whenever anything about it has changed.
struct state {
  std::string type = "state";
  std::string match = {};
  std::string board = {};             // row by row, "." is an empty cell
  std::string turn = {};              // whose; empty once the match is over
  std::string outcome = "playing";    // or "won", "drawn", "forfeited"
  std::string winner = {};            // of a match that was won or forfeited
  std::vector<int> row = {};          // the cells that won it
  std::vector<std::string> away = {}; // players who have lost their connection and may still come back
  std::size_t watching = 0;           // spectators
};
BOOST_DESCRIBE_STRUCT(state, (), (type, match, board, turn, outcome, winner, row, away, watching))

/// To a player whose move was not made.
struct problem {
  std::string type = "problem";
  std::string text = {};
};
BOOST_DESCRIBE_STRUCT(problem, (), (type, text))

} // namespace game
