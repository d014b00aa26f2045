// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>

#include <algorithm>
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

using login_atom = caf::atom_constant<caf::atom("login")>;
using kick_atom = caf::atom_constant<caf::atom("kick")>;

/// Everything that one connection's behaviour saw.
struct story {
  std::vector<std::string> lines;
};

class registrar final : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[](login_atom, const std::string& name) { return "welcome " + name; }};
  }
};

/// Logs in with its first message, which another actor decides on, then echoes; may be kicked at any time.
caf::behavior guest(harpia::connection<story>* self, const caf::actor& desk, std::vector<std::string>& told) {
  const auto tell = [&told](std::string line) { told.push_back(std::move(line)); };
  const auto kicked = [=](kick_atom) {
    tell("kick");
    self->close(close_code::policy_violation, "kicked");
  };
  const auto ended = [=](const harpia::event::closed& end) { tell("closed " + std::to_string(static_cast<int>(end.code))); };
  return {
      [=](harpia::event::opened) { tell("opened"); },
      [=](const harpia::event::text& name) {
        tell("login " + name.str());
        self->request(desk, 1min, login_atom::value, name.str()).await([=](const std::string& welcome) {
          tell(welcome);
          self->send(welcome);
          self->become(
              [=](const harpia::event::text& message) {
                tell("echo " + message.str());
                self->send(message.view());
              },
              kicked, ended);
        });
      },
      kicked,
      ended,
  };
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

BOOST_AUTO_TEST_CASE(a_behaviour_opens_logs_in_is_kicked_and_closes_in_an_order_that_makes_sense) {
  std::set<std::vector<std::string>> stories;
  testing::explore(
      1, 300,
      [&stories](testing::world& world) {
        std::vector<std::string> told;
        const auto desk = world.system().spawn<registrar>();
        harpia::handle handle;
        world.app().ws<story>("/", [&, desk](harpia::connection<story>* self) {
          handle = self->handle();
          return guest(self, desk, told);
        });
        auto client = world.connect("/");
        client.send("ann");
        client.send("1");
        client.send("2");
        caf::anon_send(caf::actor{handle}, kick_atom::value);
        client.close();
        world.run();
        world.advance(10s);
        const std::vector<std::string> all{"opened", "login ann", "welcome ann", "echo 1", "echo 2"};
        auto without_kick = told;
        std::erase(without_kick, "kick");
        require(!without_kick.empty() && without_kick.back().starts_with("closed"), "the end is told last");
        without_kick.pop_back();
        require(without_kick.size() <= all.size() && std::equal(without_kick.begin(), without_kick.end(), all.begin()),
                "messages come in order, and none is left out");
        require(!without_kick.empty(), "it has opened");
        require(world.app().connections() == 0, "nobody is left");
        require(!handle.is_open(), "its handle knows");
        stories.insert(told);
      },
      {.loops = 2});
  BOOST_TEST(stories.size() > 3); // the race was a race
}

BOOST_AUTO_TEST_CASE(a_skipped_message_is_never_lost_nor_overtaken) {
  testing::explore(1, 300, [](testing::world& world) {
    std::vector<std::string> heard;
    harpia::handle handle;
    world.app().ws<story>("/", [&](harpia::connection<story>* self) -> caf::behavior {
      handle = self->handle();
      self->set_default_handler(caf::skip);
      return {[=, &heard](kick_atom) {
        self->become([&heard](const harpia::event::text& message) { heard.push_back(message.str()); });
      }};
    });
    auto client = world.connect("/");
    const std::vector<std::string> sent{"1", "2", "3", "4"};
    for (std::size_t i = 0; i < sent.size(); ++i) {
      client.send(sent[i]);
      if (i == 1)
        caf::anon_send(caf::actor{handle}, kick_atom::value);
    }
    world.run();
    require(heard == sent, "every message is heard, in order");
  });
}

BOOST_AUTO_TEST_SUITE_END()
