// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [messages]
using enter_atom = caf::atom_constant<caf::atom("enter")>;    // (name): a player has connected
using seat_atom = caf::atom_constant<caf::atom("seat")>;      // (match): this is where you play
using move_atom = caf::atom_constant<caf::atom("move")>;      // (text): what a player does
using tell_atom = caf::atom_constant<caf::atom("tell")>;      // (text): for the player to read
using end_atom = caf::atom_constant<caf::atom("end")>;        // (reason): there is no more
using absent_atom = caf::atom_constant<caf::atom("absent")>;  // (seat, absence): the player's time is over
// [messages]

// [player]
struct player {
  std::string name;
};
using player_ptr = harpia::connection<player>*;

caf::behavior playing(player_ptr self, const caf::actor& match) {
  self->monitor(match);
  self->set_down_handler([=](const caf::down_msg& ended) {
    if (ended.reason)  // none: the match is over, and has said so itself
      self->close(harpia::close_code::internal_error, "the match has failed");
  });
  return {
    [=](const harpia::event::text& move) { self->send(match, move_atom::value, move.str()); },
    [=](tell_atom, const std::string& text) { self->send(text); },
    [=](end_atom, const std::string& reason) { self->close(harpia::close_code::normal, reason); },
  };
}

caf::behavior waiting(player_ptr self, const caf::actor& lobby) {
  return {
    [=](harpia::event::opened) {
      self->data.name = self->request().query("name").value_or("somebody");
      self->request(lobby, 5s, enter_atom::value, self->data.name).then([] {});
    },
    [](const harpia::event::text&) { return caf::skip(); },  // a move: kept until there is a match
    [=](tell_atom, const std::string& text) { self->send(text); },
    [=](end_atom, const std::string& reason) { self->close(harpia::close_code::normal, reason); },
    [=](seat_atom, const caf::actor& match) { self->become(playing(self, match)); },
  };
}
// [player]

// [match_state]
struct seat {
  std::string name;
  caf::actor connection = {};  // invalid while the player is away
  int absence = 0;             // counts them, so that an old deadline is told from a new one
};

struct match_state {
  std::array<seat, 2> seats;
  int sum = 0;

  seat* of(const caf::strong_actor_ptr& who) {
    const auto at = std::find_if(seats.begin(), seats.end(), [&](const seat& s) { return s.connection == who; });
    return at == seats.end() ? nullptr : &*at;
  }
};

using match_actor = caf::stateful_actor<match_state>;

void sit(match_actor* self, seat& where, const caf::actor& connection) {
  where.connection = connection;
  self->monitor(connection);
  self->send(connection, seat_atom::value, caf::actor{self});
}
// [match_state]

void tell_all(match_actor* self, const std::string& text) {
  for (const auto& each : self->state.seats)
    if (each.connection)
      self->send(each.connection, tell_atom::value, text);
}

void end(match_actor* self, const std::string& result) {
  for (const auto& each : self->state.seats)
    if (each.connection)
      self->send(each.connection, end_atom::value, result);
  self->quit();
}

// [match]
caf::behavior match(match_actor* self, const seat& first, const seat& second, std::chrono::seconds patience) {
  self->state.seats = {first, second};
  self->set_down_handler([=](const caf::down_msg& ended) {
    for (std::size_t i = 0; i < 2; ++i) {
      auto& left = self->state.seats[i];
      if (left.connection != ended.source)
        continue;
      left.connection = {};
      tell_all(self, left.name + " is away");
      self->delayed_send(self, patience, absent_atom::value, i, ++left.absence);
    }
  });
  for (auto& each : self->state.seats)
    sit(self, each, caf::actor{each.connection});
  tell_all(self, first.name + " plays " + second.name);
  return {
    [=](move_atom, const std::string& text) {
      const auto* mover = self->state.of(self->current_sender());
      if (!mover)
        return;
      const auto step = std::stoi(text);  // throws for what is no number: the bug of this match
      self->state.sum += std::clamp(step, 1, 21);
      tell_all(self, mover->name + " makes it " + std::to_string(self->state.sum));
      if (self->state.sum >= 21)
        end(self, mover->name + " wins");
    },
    [=](enter_atom, const std::string& name) {  // from the connection of somebody who is back
      const auto back = caf::actor_cast<caf::actor>(self->current_sender());
      for (auto& each : self->state.seats) {
        if (each.name != name)
          continue;
        if (each.connection) {  // from another device, or its end has not been noticed yet
          self->demonitor(each.connection);
          self->send(each.connection, end_atom::value, std::string{"you play elsewhere"});
        }
        sit(self, each, back);
        tell_all(self, name + " is back");
      }
    },
    [=](absent_atom, std::size_t i, int absence) {
      const auto& seat = self->state.seats[i];
      if (!seat.connection && seat.absence == absence)
        end(self, seat.name + " has not come back");
    },
  };
}
// [match]

// [lobby]
struct lobby_state {
  seat waits;                                // for an opponent; its connection is invalid if nobody does
  std::map<std::string, caf::actor> matches;  // by the names of their players
};

caf::behavior lobby(caf::stateful_actor<lobby_state>* self, std::chrono::seconds patience) {
  self->set_down_handler([self](const caf::down_msg& ended) {
    if (self->state.waits.connection == ended.source)
      self->state.waits = {};
    std::erase_if(self->state.matches, [&](const auto& entry) { return entry.second == ended.source; });
  });
  return {[=](enter_atom, const std::string& name) {
    auto& [waits, matches] = self->state;
    const auto who = caf::actor_cast<caf::actor>(self->current_sender());
    if (const auto played = matches.find(name); played != matches.end()) {
      self->delegate(played->second, enter_atom::value, name);  // the match sees the connection as sender
    } else if (waits.connection && waits.name != name) {
      self->demonitor(waits.connection);
      const auto begun = self->spawn<caf::monitored>(match, waits, seat{name, who}, patience);
      matches[waits.name] = begun;
      matches[name] = begun;
      waits = {};
    } else {
      if (waits.connection) {
        self->demonitor(waits.connection);
        self->send(waits.connection, end_atom::value, std::string{"you play elsewhere"});
      }
      waits = {name, who};
      self->monitor(who);
      self->send(who, tell_atom::value, std::string{"wait for an opponent"});
    }
  }};
}

void add_game(harpia::app& app, const caf::actor& lobby) {
  app.ws<player>("/play", [lobby](player_ptr self) { return waiting(self, lobby); });
}
// [lobby]

struct table {
  testing::world world;
  harpia::app& app = open(world);  // before the first client
  testing::client ann = world.connect("/play?name=ann");
  testing::client bob = world.connect("/play?name=bob");

  static harpia::app& open(testing::world& world) {
    add_game(world.app(), world.system().spawn(lobby, 30s));
    return world.app();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(supervised_game)

BOOST_FIXTURE_TEST_CASE(two_players_meet_and_one_wins, table) {
  BOOST_TEST(ann.received() == "wait for an opponent");
  BOOST_TEST(ann.received() == "ann plays bob");
  ann.send("10");
  world.run();
  bob.send("11");
  BOOST_TEST(bob.received_all() == (strings{"ann plays bob", "ann makes it 10", "bob makes it 21"}),
             boost::test_tools::per_element());
  BOOST_TEST(ann.closed().value().reason == "bob wins");
}

// [kept]
BOOST_FIXTURE_TEST_CASE(a_seat_is_kept_for_30_seconds, table) {
  ann.cut();
  world.advance(29s);
  auto again = world.connect("/play?name=ann");
  again.send("5");
  again.cut();
  world.advance(29s);  // her first absence no longer counts
  const strings expected{"ann plays bob", "ann is away", "ann is back", "ann makes it 5", "ann is away"};
  BOOST_TEST(bob.received_all() == expected, boost::test_tools::per_element());
  BOOST_TEST(bob.is_open());
}

BOOST_FIXTURE_TEST_CASE(whoever_stays_away_loses_the_seat, table) {
  ann.cut();
  world.advance(30s);
  BOOST_TEST(bob.closed().value().reason == "ann has not come back");
}
// [kept]

BOOST_AUTO_TEST_CASE(who_comes_back_just_as_the_match_ends_is_not_left_alone) {
  testing::explore(1, 200, [](testing::world& world) {
    table::open(world);
    auto ann = world.connect("/play?name=ann");
    auto bob = world.connect("/play?name=bob");
    world.run();
    auto again = world.connect("/play?name=ann");
    bob.send("21");
    world.advance(10s);
    if (again.received_all().empty() && !again.closed())
      throw std::runtime_error{"nobody answers"};
  }, {.loops = 2});
}

BOOST_FIXTURE_TEST_CASE(a_match_that_fails_ends_alone, table) {
  auto eve = world.connect("/play?name=eve");
  ann.send("ten");
  BOOST_TEST((ann.closed().value().code == harpia::close_code::internal_error));
  BOOST_TEST((bob.closed().value().code == harpia::close_code::internal_error));
  auto again = world.connect("/play?name=ann");
  BOOST_TEST(eve.received_all().back() == "eve plays ann");
}

BOOST_FIXTURE_TEST_CASE(a_player_plays_on_the_newest_connection, table) {
  auto other = world.connect("/play?name=ann");
  BOOST_TEST(ann.closed().value().reason == "you play elsewhere");
  other.send("21");
  BOOST_TEST(bob.closed().value().reason == "ann wins");
  auto eve = world.connect("/play?name=eve");
  auto later = world.connect("/play?name=eve");
  BOOST_TEST(eve.closed().value().reason == "you play elsewhere");
  later.close();
  BOOST_TEST(world.connect("/play?name=dan").received() == "wait for an opponent");
}

BOOST_AUTO_TEST_CASE(a_quick_return_finds_the_seat_under_every_schedule) {
  testing::explore(1, 100, [](testing::world& world) {
    table::open(world);
    auto ann = world.connect("/play?name=ann");
    auto bob = world.connect("/play?name=bob");
    world.run();
    ann.cut();
    auto again = world.connect("/play?name=ann");  // perhaps before anybody knows of the cut
    again.send("21");
    world.run();
    if (bob.closed().value().reason != "ann wins")
      throw std::runtime_error{"the seat was lost"};
  }, {.loops = 2});
}

BOOST_AUTO_TEST_SUITE_END()
