// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;

namespace {

using namespace std::chrono_literals;

/// Each message goes to all, with its sender's name before it.
void add_room(harpia::app& app) {
  app.ws("/:name", {
                       .open = [](auto& ws) { ws.subscribe("room"); },
                       .message =
                           [](auto& ws, message_view message) {
                             ws.publish("room", std::string{ws.request().param("name")} + std::string{message.text()},
                                        {.audience = harpia::audience::everyone});
                           },
                   });
}

/// What three clients on three loops see of what they say all at once.
std::vector<std::vector<std::string>> talk(testing::world& world) {
  add_room(world.app());
  std::vector<testing::client> clients;
  for (const auto* name : {"/a", "/b", "/c"})
    clients.push_back(world.connect(name));
  for (const auto* text : {"1", "2", "3"})
    for (auto& each : clients)
      each.send(text);
  world.run();
  std::vector<std::vector<std::string>> seen;
  for (auto& each : clients)
    seen.push_back(each.received_all());
  return seen;
}

void require(bool holds, const std::string& promise) {
  if (!holds)
    throw std::runtime_error{promise};
}

/// Wrong: it takes for granted that whoever speaks first is heard first.
void hasty(testing::world& world) {
  add_room(world.app());
  auto first = world.connect("/first");
  auto second = world.connect("/second");
  first.send("!");
  second.send("!");
  require(first.received() == "first!", "the first is heard first");
}

} // namespace

BOOST_AUTO_TEST_SUITE(schedules)

BOOST_AUTO_TEST_CASE(a_seed_shows_the_same_every_time_and_another_something_else) {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto run = [&] {
      testing::world world{{.loops = 3, .seed = seed}};
      return talk(world);
    };
    const auto seen = run();
    BOOST_TEST((run() == seen));
    orders.insert(seen.front());
  }
  BOOST_TEST(orders.size() > 10);
}

BOOST_AUTO_TEST_CASE(a_scenario_that_takes_an_order_for_granted_is_found_out_and_its_seed_named) {
  hasty(*std::make_unique<testing::world>()); // in the orderly world it holds
  std::uint64_t found = 0;
  try {
    testing::explore(1000, 100, hasty);
    BOOST_FAIL("nothing was found");
  } catch (const testing::scenario_failed& failure) {
    found = failure.seed();
    BOOST_TEST(std::string{failure.what()} == "under seed " + std::to_string(found) + ": the first is heard first");
    BOOST_CHECK_THROW(std::rethrow_if_nested(failure), std::runtime_error);
  }
  BOOST_TEST(found >= 1000);
  BOOST_CHECK_THROW(testing::explore(found, 1, hasty), testing::scenario_failed);
}

BOOST_AUTO_TEST_CASE(other_exceptions_are_passed_on) {
  BOOST_CHECK_THROW(testing::explore(1, 1, [](testing::world&) { throw 1; }), int);
}

BOOST_AUTO_TEST_CASE(all_members_see_one_order_under_every_schedule) {
  testing::explore(1, 200,
                   [](testing::world& world) {
                     const auto seen = talk(world);
                     require(seen[0].size() == 9, "nothing is lost");
                     require(seen[1] == seen[0] && seen[2] == seen[0], "all see one order");
                     for (const auto* name : {"a", "b", "c"}) {
                       std::vector<std::string> own;
                       for (const auto& each : seen[0])
                         if (each.starts_with(name))
                           own.push_back(each.substr(1));
                       require(own == std::vector<std::string>{"1", "2", "3"}, "a sender's messages keep their order");
                     }
                   },
                   {.loops = 3});
}

BOOST_AUTO_TEST_CASE(two_clients_see_one_order_under_every_schedule) {
  testing::explore(1, 200,
                   [](testing::world& world) {
                     add_room(world.app());
                     auto alice = world.connect("/alice");
                     auto bob = world.connect("/bob");
                     alice.send("1");
                     bob.send("2");
                     require(alice.received_all() == bob.received_all(), "all see one order");
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_CASE(messages_come_whole_in_whatever_pieces_their_bytes_arrive) {
  testing::explore(1, 100, [](testing::world& world) {
    world.app().ws("/", {.message = [](auto& ws, message_view message) { ws.send(message); }});
    auto client = world.connect("/");
    std::vector<std::string> sent;
    for (const std::size_t size : {0u, 1u, 126u, 70'000u, 3u}) {
      sent.emplace_back(size, 'x');
      client.send(sent.back());
    }
    require(client.received_all() == sent, "every message comes back");
  });
}

BOOST_AUTO_TEST_CASE(whoever_is_closed_killed_and_cut_at_once_ends_once) {
  testing::explore(1, 300,
                   [](testing::world& world) {
                     int opened = 0;
                     int closed = 0;
                     std::vector<harpia::handle> handles;
                     world.app().ws("/", {
                                             .open =
                                                 [&](auto& ws) {
                                                   ++opened;
                                                   ws.subscribe("all");
                                                   handles.push_back(ws.handle());
                                                 },
                                             .message = [](auto& ws, message_view message) { ws.publish("all", message); },
                                             .close = [&](auto&, close_code, std::string_view) { ++closed; },
                                         });
                     std::vector<testing::client> clients;
                     for (int i = 0; i < 4; ++i)
                       clients.push_back(world.connect("/"));
                     clients[0].send("to all");
                     handles[0].close(close_code{4000}, "kicked");
                     clients[0].close();
                     world.kill(handles[1]);
                     clients[1].send("am I dead?");
                     clients[2].reset();
                     handles[2].send("too late?");
                     clients[3].cut();
                     world.app().publish("all", "farewell");
                     clients.erase(clients.begin() + 2);
                     world.run();
                     world.advance(10s);
                     require(opened == 4, "all have opened");
                     require(closed == 4, "each has closed, and once");
                     require(world.app().connections() == 0, "no connection is left");
                     require(world.app().group("all").size() == 0, "nobody is left in the group");
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_CASE(a_stop_at_any_moment_leaves_nobody_behind) {
  testing::explore(1, 200,
                   [](testing::world& world) {
                     int open = 0;
                     world.app().ws("/", {
                                             .open = [&](auto&) { ++open; },
                                             .message = [](auto& ws, message_view message) { ws.send(message); },
                                             .close = [&](auto&, close_code, std::string_view) { --open; },
                                         });
                     auto speaking = world.connect("/");
                     speaking.send("hello");
                     auto silent = world.connect("/");
                     silent.vanish();
                     world.app().stop();
                     const auto late = world.connect("/");
                     world.stop();
                     require(open == 0, "every connection was told of its end");
                     require(world.now() <= 5s, "in time");
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_SUITE_END()
