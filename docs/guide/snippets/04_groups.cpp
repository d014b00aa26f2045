// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/memory_engine.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace testing = harpia::testing;

namespace {

using strings = std::vector<std::string>;

// [room]
struct guest {
  std::string name;
  std::string room;
};

void add_rooms(harpia::app& app) {
  app.ws<guest>("/rooms/:room", {
    .open = [](auto& ws) {
      ws.data.name = ws.request().query("name").value_or("somebody");
      ws.data.room = ws.request().param("room");
      ws.subscribe(ws.data.room);
      ws.publish(ws.data.room, ws.data.name + " is here");
    },
    .message = [](auto& ws, harpia::message_view message) {
      ws.publish(ws.data.room, ws.data.name + ": " + std::string{message.text()},
                 {.audience = harpia::audience::everyone});
    },
    .close = [](auto& ws, harpia::close_code, std::string_view) {
      ws.publish(ws.data.room, ws.data.name + " has left");
    },
  });
}
// [room]

// [presence]
caf::behavior presence(caf::event_based_actor* self, const harpia::group& room) {
  const auto members = std::make_shared<std::uint64_t>(0);
  const auto tell = [room, members] { room.publish("here: " + std::to_string(*members)); };
  self->request(harpia::as_actor(room), caf::infinite, harpia::watch_atom::value)
    .await([=](std::uint64_t now) {
      *members = now;
      tell();
    });
  return {
    [=](const harpia::event::joined&) { ++*members; tell(); },
    [=](const harpia::event::left&) { --*members; tell(); },
  };
}
// [presence]

// [member]
caf::behavior scribe(caf::event_based_actor* self, const harpia::group& room,
                     std::shared_ptr<std::vector<std::string>> minutes) {
  self->send(harpia::as_actor(room), harpia::join_atom::value);
  self->set_default_handler(caf::drop);  // of the answer, which says that it is a member now
  return {[=](const harpia::group_message& message) {
    minutes->emplace_back(message.view().text());
  }};
}
// [member]

} // namespace

BOOST_AUTO_TEST_SUITE(groups)

BOOST_AUTO_TEST_CASE(a_room_hears_its_guests) {
  testing::world world{add_rooms};
  auto ann = world.connect("/rooms/tea?name=Ann");
  auto bob = world.connect("/rooms/tea?name=Bob");
  auto eve = world.connect("/rooms/coffee?name=Eve");
  bob.send("hi");
  bob.close();
  BOOST_TEST(ann.received_all() == (strings{"Bob is here", "Bob: hi", "Bob has left"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received_all() == (strings{"Bob: hi"}), boost::test_tools::per_element());
  BOOST_TEST(eve.received_all().empty());
}

BOOST_AUTO_TEST_CASE(publishing_from_outside) {
  testing::world world{add_rooms};
  auto& app = world.app();
  auto ann = world.connect("/rooms/tea?name=Ann");
  // [outside]
  const harpia::group tea = app.group("tea");  // from any thread; copies are cheap
  if (tea.size() > 0)
    tea.publish("the kettle boils");
  app.publish("coffee", "nobody hears this");
  // [outside]
  world.run();
  BOOST_TEST(ann.received() == "the kettle boils");
}

BOOST_AUTO_TEST_CASE(a_receipt_sums_up) {
  testing::world world;
  auto& app = world.app();
  // [receipt]
  app.ws("/poll", {
    .open = [](auto& ws) { ws.subscribe("voters"); },
    .message = [](auto& ws, harpia::message_view question) {
      ws.publish("voters", question, {.on_receipt = [&ws](const harpia::receipt& r) {
        ws.send("asked " + std::to_string(r.accepted) + ", missed " + std::to_string(r.dropped));
      }});
    },
  });
  // [receipt]
  auto ann = world.connect("/poll");
  auto bob = world.connect("/poll");
  auto eve = world.connect("/poll");
  ann.send("tea?");
  BOOST_TEST(ann.received() == "asked 2, missed 0");
  BOOST_TEST(bob.received() == "tea?");
}

BOOST_AUTO_TEST_CASE(a_typed_group_encodes_once) {
  testing::world world;
  auto& app = world.app();
  // [typed]
  struct tick {
    std::string symbol;
    int price;
  };
  const harpia::group_of<tick> ticks{app.group("ticks"), [](const tick& t) {
    return t.symbol + ' ' + std::to_string(t.price);
  }};
  app.ws("/ticks", {.open = [ticks](auto& ws) {
    ws.subscribe(ticks.untyped());
    ws.send("welcome");
  }});
  // [typed]
  auto client = world.connect("/ticks");
  BOOST_TEST(client.received() == "welcome");
  // [publish_typed]
  ticks.publish({.symbol = "ACME", .price = 7});
  // [publish_typed]
  world.run();
  BOOST_TEST(client.received() == "ACME 7");
}

BOOST_AUTO_TEST_CASE(an_actor_counts_who_is_there) {
  testing::world world;
  auto& app = world.app();
  app.ws("/", {.open = [](auto& ws) { ws.subscribe("room"); }});
  auto ann = world.connect("/");
  // [spawn_presence]
  world.system().spawn(presence, app.group("room"));  // in a server: the system that the app was given
  // [spawn_presence]
  world.run();
  auto bob = world.connect("/");
  bob.close();
  BOOST_TEST(ann.received_all() == (strings{"here: 1", "here: 2", "here: 1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_actor_may_be_a_member) {
  testing::world world;
  auto& app = world.app();
  app.ws("/", {
    .open = [](auto& ws) { ws.subscribe("room"); },
    .message = [](auto& ws, harpia::message_view message) { ws.publish("room", message); },
  });
  auto ann = world.connect("/");
  const auto minutes = std::make_shared<std::vector<std::string>>();
  world.system().spawn(scribe, app.group("room"), minutes);
  world.run();
  ann.send("write this down");
  BOOST_TEST(*minutes == (strings{"write this down"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(apps_share_groups) {
  // [nodes]
  const harpia::memory_engine engine;
  testing::world first{add_rooms, {.app = {.engine = engine}}};
  testing::world second{add_rooms, {.app = {.engine = engine}}};
  // [nodes]
  const auto run = [&] {
    for (int i = 0; i < 10; ++i) {
      first.run();
      second.run();
    }
  };
  auto ann = first.connect("/rooms/tea?name=Ann");
  run();
  auto bob = second.connect("/rooms/tea?name=Bob");
  run();
  BOOST_TEST(ann.received() == "Bob is here");

  strings log;
  const auto room = first.app().group("tea");
  // [outcome]
  const auto status = room.publish("the kettle is on", {.on_receipt = [&](const harpia::receipt& sum) {
    log.push_back(std::string{to_string(sum.outcome)} + " at " + std::to_string(sum.at.value().offset));
  }});
  if (status == harpia::publish_status::refused)
    log.push_back("too much waits for the engine");
  // [outcome]
  run();
  BOOST_TEST(log == (strings{"stored at 3"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received() == "the kettle is on");

  // [away]
  engine.go_away();
  room.publish("later");
  // [away]
  run();
  BOOST_TEST(ann.received_all() == (strings{"the kettle is on"}), boost::test_tools::per_element());
  engine.come_back();
  for (int i = 0; i < 20; ++i) {
    first.advance(std::chrono::milliseconds{100});
    second.advance(std::chrono::milliseconds{100});
  }
  BOOST_TEST(bob.received() == "later");
}

BOOST_AUTO_TEST_SUITE_END()
