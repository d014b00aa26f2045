// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "06_game/game.hpp"
#include "06_game/lobby.hpp"
#include "06_game/messages.hpp"
#include "support/acting.hpp"

#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/testing/explore.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using game::patience;
using harpia::close_code;

namespace {

using namespace std::chrono_literals;
using names = std::vector<std::string>;

void add_game(testing::world& world) {
  game::add_routes(world.app(), world.system().spawn<game::lobby>(&world.app()));
}

/// Somebody at a match, or on the way to one.
class guest {
public:
  guest(testing::world& world, const std::string& target) : client{world.connect(target)} {}

  void play(int cell) { client.send(harpia::json<game::move>.encode({cell})); }
  void play(std::initializer_list<int> cells) {
    for (const int cell : cells)
      play(cell);
  }

  /// The last that was heard of a kind, once nothing more comes.
  game::state state() { return last<game::state>("state"); }
  game::seated seat() { return last<game::seated>("seated"); }
  std::string problem() { return last<game::problem>("problem").text; }
  bool has_heard(std::string_view type) {
    listen();
    return find(type) != nullptr;
  }

  testing::client client;

private:
  void listen() {
    for (const auto& text : client.received_all())
      heard_.push_back(boost::json::parse(text));
  }
  const boost::json::value* find(std::string_view type) const {
    for (auto each = heard_.rbegin(); each != heard_.rend(); ++each)
      if (each->at("type").as_string() == boost::json::string_view{type.data(), type.size()})
        return &*each;
    return nullptr;
  }
  template <class Message>
  Message last(std::string_view type) {
    listen();
    const auto* found = find(type);
    if (!found)
      throw std::runtime_error{"nothing of type " + std::string{type} + " has come"};
    return boost::json::value_to<Message>(*found);
  }

  std::vector<boost::json::value> heard_;
};

std::string back_to(const game::seated& seat) {
  return "/play?seat=" + seat.seat;
}

struct fixture {
  fixture() { add_game(world); }

  testing::world world;
};

/// Two players at a match that has begun.
struct match_fixture : fixture {
  guest x{world, "/play"};
  guest o{world, "/play"};

  void play(std::initializer_list<int> cells) {
    bool is_x = true;
    for (const int cell : cells)
      (std::exchange(is_x, !is_x) ? x : o).play(cell);
  }
};

/// Stands before a lobby, and passes those who come back on after a delay, one at a time.
caf::actor spawn_slow_porter(caf::actor_system& system, const caf::actor& lobby, std::chrono::milliseconds delay) {
  using open_atom = caf::atom_constant<caf::atom("open")>;
  return harpia::test::spawn(system, [lobby, delay](caf::event_based_actor* self) -> caf::behavior {
    const auto outside = std::make_shared<std::pair<game::arrival, caf::response_promise>>();
    return {
        [=](const game::arrival& who) {
          auto answer = self->make_response_promise();
          if (who.seat.empty()) {
            answer.delegate(lobby, who);
          } else {
            *outside = {who, answer};
            self->delayed_send(self, delay, open_atom::value);
          }
          return answer;
        },
        [=](open_atom) { outside->second.delegate(lobby, outside->first); },
    };
  });
}

void check_is_closed_with(guest& who, close_code code, const std::string& reason) {
  const auto end = who.client.closed();
  BOOST_REQUIRE(end);
  BOOST_TEST((end->code == code));
  BOOST_TEST(end->reason == reason);
}

void require(bool holds, const std::string& promise) {
  if (!holds)
    throw std::runtime_error{promise};
}

} // namespace

BOOST_AUTO_TEST_SUITE(game)

// The lobby

BOOST_FIXTURE_TEST_CASE(who_comes_first_waits_for_an_opponent, fixture) {
  guest first{world, "/play"};
  BOOST_TEST(first.has_heard("waiting"));
  BOOST_TEST(!first.has_heard("seated"));
  first.play(4);
  BOOST_TEST(first.problem() == "there is no opponent yet");
  BOOST_TEST(first.client.is_open());

  guest second{world, "/play"};
  BOOST_TEST(first.seat().mark == "X");
  BOOST_TEST(second.seat().mark == "O");
  BOOST_TEST(first.seat().match == second.seat().match);
  BOOST_TEST(first.seat().seat != second.seat().seat);
  for (auto* player : {&first, &second}) {
    BOOST_TEST(player->state().board == ".........");
    BOOST_TEST(player->state().turn == "X");
    BOOST_TEST(player->state().watching == 0);
  }
}

BOOST_FIXTURE_TEST_CASE(who_leaves_the_lobby_is_nobodys_opponent, fixture) {
  {
    guest first{world, "/play"};
    first.client.close();
    guest second{world, "/play"};
    second.client.cut();
  }
  guest third{world, "/play"};
  BOOST_TEST(!third.has_heard("seated"));
  const guest fourth{world, "/play"};
  BOOST_TEST(third.has_heard("seated"));
}

BOOST_FIXTURE_TEST_CASE(matches_are_apart, match_fixture) {
  guest other_x{world, "/play"};
  const guest other_o{world, "/play"};
  BOOST_TEST(other_x.seat().match != x.seat().match);
  x.play(4);
  BOOST_TEST(x.state().board == "....X....");
  BOOST_TEST(other_x.state().board == ".........");
}

// A match

BOOST_FIXTURE_TEST_CASE(a_match_is_played_until_somebody_wins, match_fixture) {
  play({0, 3, 1, 4, 2});
  for (auto* player : {&x, &o}) {
    const auto end = player->state();
    BOOST_TEST(end.board == "XXXOO....");
    BOOST_TEST(end.outcome == "won");
    BOOST_TEST(end.winner == "X");
    BOOST_TEST(end.row == (std::vector<int>{0, 1, 2}), boost::test_tools::per_element());
    BOOST_TEST(end.turn == "");
    BOOST_TEST(!player->has_heard("problem"));
  }
}

BOOST_FIXTURE_TEST_CASE(a_match_can_end_in_a_draw, match_fixture) {
  play({0, 1, 2, 4, 3, 5, 7, 6, 8});
  BOOST_TEST(o.state().outcome == "drawn");
  BOOST_TEST(o.state().winner == "");
}

BOOST_FIXTURE_TEST_CASE(illegal_moves_are_answered_and_not_fatal, match_fixture) {
  o.play(0);
  BOOST_TEST(o.problem() == "it is not your turn");
  x.play(9);
  BOOST_TEST(x.problem() == "there is no such cell");
  x.play(4);
  o.play(4);
  BOOST_TEST(o.problem() == "the cell is taken");
  o.play(0);
  BOOST_TEST(x.state().board == "O...X....");
}

BOOST_FIXTURE_TEST_CASE(what_is_no_move_at_all_closes_but_the_seat_is_kept, match_fixture) {
  x.client.send("{\"cell\": \"the middle\"}");
  BOOST_REQUIRE(x.client.closed());
  BOOST_TEST((x.client.closed()->code == close_code::invalid_payload));
  BOOST_TEST(o.state().away == names{"X"}, boost::test_tools::per_element());
  BOOST_TEST(o.state().outcome == "playing");
}

BOOST_FIXTURE_TEST_CASE(after_the_end_a_move_is_answered_however_late_it_comes, match_fixture) {
  play({0, 3, 1, 4, 2});
  o.play(5);
  BOOST_TEST(o.problem() == "the match is over");
  world.advance(1h);
  x.play(6);
  BOOST_TEST(x.problem() == "the match is over");
  BOOST_TEST(x.state().outcome == "won");
}

// Lost connections

BOOST_FIXTURE_TEST_CASE(who_comes_back_in_time_gets_the_same_seat, match_fixture) {
  play({0, 4});
  const auto seat = o.seat();
  o.client.cut();
  BOOST_TEST(x.state().away == names{"O"}, boost::test_tools::per_element());
  x.play(1); // the other need not wait
  world.advance(patience - 1s);

  guest back{world, back_to(seat)};
  BOOST_TEST(back.seat().mark == "O");
  BOOST_TEST(back.seat().match == seat.match);
  BOOST_TEST(back.seat().seat == seat.seat);
  BOOST_TEST(!back.has_heard("waiting"));
  BOOST_TEST(back.state().board == "XX..O....");
  BOOST_TEST(x.state().away.empty());
  world.advance(2 * patience);
  back.play(2);
  BOOST_TEST(x.state().board == "XXO.O....");
  BOOST_TEST(x.state().outcome == "playing");
}

BOOST_FIXTURE_TEST_CASE(who_does_not_come_back_in_time_loses, match_fixture) {
  const auto seat = o.seat();
  o.client.close();
  world.advance(patience - 1s);
  BOOST_TEST(x.state().outcome == "playing");
  world.advance(1s);
  BOOST_TEST(x.state().outcome == "forfeited");
  BOOST_TEST(x.state().winner == "X");
  BOOST_TEST(x.state().turn == "");
  x.play(0);
  BOOST_TEST(x.problem() == "the match is over");

  guest late{world, back_to(seat)};
  BOOST_TEST(late.state().outcome == "forfeited");
  BOOST_TEST(late.client.is_open());
  world.advance(patience);
  guest too_late{world, back_to(seat)};
  check_is_closed_with(too_late, close_code::policy_violation, "the match is over");
}

BOOST_FIXTURE_TEST_CASE(every_absence_has_its_own_time, match_fixture) {
  const auto seat = x.seat();
  x.client.cut();
  world.advance(patience - 10s);
  {
    guest back{world, back_to(seat)};
    BOOST_TEST(o.state().away.empty());
  }
  BOOST_TEST(o.state().away == names{"X"}, boost::test_tools::per_element());
  world.advance(patience - 1s);
  BOOST_TEST(o.state().outcome == "playing");
  world.advance(1s);
  BOOST_TEST(o.state().outcome == "forfeited");
  BOOST_TEST(o.state().winner == "O");
}

BOOST_FIXTURE_TEST_CASE(when_both_are_away_the_first_to_go_loses, match_fixture) {
  guest spectator{world, "/watch/" + x.seat().match};
  o.client.cut();
  world.advance(1s);
  x.client.cut();
  BOOST_TEST(spectator.state().away == (names{"X", "O"}), boost::test_tools::per_element());
  world.advance(patience);
  BOOST_TEST(spectator.state().outcome == "forfeited");
  BOOST_TEST(spectator.state().winner == "X");
}

BOOST_FIXTURE_TEST_CASE(who_vanishes_without_a_word_is_found_out, match_fixture) {
  o.client.vanish();
  world.advance(patience);
  BOOST_TEST(x.state().away == names{"O"}, boost::test_tools::per_element());
  world.advance(patience);
  BOOST_TEST(x.state().outcome == "forfeited");
}

BOOST_FIXTURE_TEST_CASE(a_page_loaded_anew_takes_over_the_seat, match_fixture) {
  guest again{world, back_to(x.seat())};
  check_is_closed_with(x, close_code::policy_violation, "the seat was taken over");
  again.play(4);
  BOOST_TEST(o.state().board == "....X....");
  BOOST_TEST(o.state().away.empty());
  world.advance(2 * patience);
  BOOST_TEST(o.state().outcome == "playing");
}

BOOST_FIXTURE_TEST_CASE(a_seat_that_never_was_is_refused, fixture) {
  guest stranger{world, "/play?seat=0123"};
  check_is_closed_with(stranger, close_code::policy_violation, "the match is over");
}

// Spectators

BOOST_FIXTURE_TEST_CASE(spectators_see_the_match_and_cannot_play, match_fixture) {
  x.play(4);
  guest spectator{world, "/watch/" + x.seat().match};
  BOOST_TEST(spectator.state().board == "....X....");
  BOOST_TEST(x.state().watching == 1);
  spectator.play(0);
  BOOST_TEST(x.state().board == "....X....");
  o.play(0);
  BOOST_TEST(spectator.state().board == "O...X....");
  BOOST_TEST(spectator.client.is_open());
  spectator.client.close();
  BOOST_TEST(x.state().watching == 0);
  BOOST_TEST(x.state().away.empty());
}

BOOST_FIXTURE_TEST_CASE(a_match_that_is_not_there_cannot_be_watched, match_fixture) {
  guest lost{world, "/watch/77"};
  check_is_closed_with(lost, close_code::policy_violation, "there is no such match");
  play({0, 3, 1, 4, 2});
  guest in_time{world, "/watch/" + x.seat().match};
  BOOST_TEST(in_time.state().outcome == "won");
  world.advance(patience);
  guest late{world, "/watch/" + x.seat().match};
  check_is_closed_with(late, close_code::policy_violation, "there is no such match");
}

BOOST_FIXTURE_TEST_CASE(a_stop_ends_matches_with_the_app, match_fixture) {
  world.stop();
  BOOST_REQUIRE(x.client.closed());
  BOOST_TEST((x.client.closed()->code == close_code::going_away));
}

// Races

BOOST_AUTO_TEST_CASE(a_return_around_the_last_moment_is_in_time_or_too_late_for_all) {
  for (const auto delay : {999ms, 1000ms, 1001ms}) {
    const std::string outcome = delay < 1s ? "playing" : "forfeited";
    testing::explore(
        1, 100,
        [&](testing::world& world) {
          const auto lobby = world.system().spawn<game::lobby>(&world.app());
          game::add_routes(world.app(), spawn_slow_porter(world.system(), lobby, delay));
          guest x{world, "/play"};
          world.run();
          guest o{world, "/play"};
          world.run();
          const auto seat = o.seat();
          o.client.cut();
          world.run();
          world.advance(patience - 1s);
          guest back{world, back_to(seat)};
          world.run();
          world.advance(1s + 1ms);

          require(back.client.is_open(), "the seat is there for who comes back");
          require(x.state().outcome == outcome && back.state().outcome == outcome, "both see that outcome");
          require(x.state().away.empty() && back.state().away.empty(), "nobody is away");
          x.play(4);
          world.run();
          require(back.state().board == (outcome == "playing" ? "....X...." : "........."), "who is in time plays on");
          world.advance(patience - 1s);
          require(x.state().outcome == outcome && back.state().outcome == outcome, "nothing comes after it");
        },
        {.loops = 2});
  }
}

BOOST_AUTO_TEST_CASE(a_return_before_the_loss_was_noticed_keeps_the_seat) {
  testing::explore(1, 200,
                   [](testing::world& world) {
                     add_game(world);
                     guest x{world, "/play"};
                     world.run();
                     guest o{world, "/play"};
                     world.run();
                     const auto seat = o.seat();
                     o.client.cut();
                     guest back{world, back_to(seat)};
                     x.play(4);
                     world.advance(2 * patience);
                     require(x.state().away.empty() && back.state().away.empty(), "nobody is away");
                     require(x.state().outcome == "playing", "the match goes on");
                     back.play(0);
                     require(x.state().board == "O...X....", "in the same seat");
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_CASE(players_who_come_all_at_once_are_brought_together_two_by_two) {
  testing::explore(1, 100,
                   [](testing::world& world) {
                     add_game(world);
                     std::vector<guest> guests;
                     for (int i = 0; i < 6; ++i)
                       guests.emplace_back(world, "/play");
                     std::vector<std::string> marks;
                     for (auto& each : guests)
                       marks.push_back(each.seat().mark);
                     require(std::ranges::count(marks, "X") == 3 && std::ranges::count(marks, "O") == 3, "three of each");
                   },
                   {.loops = 3});
}

BOOST_AUTO_TEST_SUITE_END()
