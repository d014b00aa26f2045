// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

struct player {
  std::string name;
};

/// A world whose connections leave their handles in `handles`.
struct fixture {
  fixture() {
    world.app().ws<player>(
        "/", {.open =
                  [this](auto& ws) {
                    ws.data.name = std::string{ws.request().query("name").value_or("")};
                    handles.push_back(ws.handle());
                  },
              .message = [](auto& ws, message_view message) { ws.send(message); },
              .close = [this](auto& ws, close_code, std::string_view) { told.push_back("close " + ws.data.name); },
              .error = [this](auto&, const harpia::error& what) { told.push_back(what.what()); }});
  }

  strings told;
  std::vector<harpia::handle> handles;
  testing::world world;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(reach, fixture)

// Handles

BOOST_AUTO_TEST_CASE(handles_have_numbers_and_can_be_compared_and_hashed) {
  auto one = world.connect("/");
  auto two = world.connect("/");
  BOOST_REQUIRE(handles.size() == 2u);
  BOOST_TEST(handles[0].id() != 0u);
  BOOST_TEST(handles[0].id() != handles[1].id());
  BOOST_TEST((handles[0] != handles[1]));
  BOOST_TEST((harpia::handle{handles[0]} == handles[0]));
  BOOST_TEST((harpia::handle{} == harpia::handle{}));
  BOOST_TEST(harpia::handle{}.id() == 0u);
  const std::unordered_set<harpia::handle> set{handles[0], handles[1], handles[0], {}};
  BOOST_TEST(set.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_function_is_posted_to_a_connection_and_its_data) {
  auto client = world.connect("/?name=ann");
  BOOST_TEST(handles[0].post([](harpia::socket_base& ws) { ws.send("hello"); }));
  BOOST_TEST(handles[0].post<player>([](auto& ws) { ws.send("you are " + ws.data.name); }));
  BOOST_TEST(client.received_all() == (strings{"hello", "you are ann"}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(handles[0].post<no_data>([](auto&) {}), std::invalid_argument);
  BOOST_TEST(!harpia::handle{}.post([](harpia::socket_base&) {}));
  client.close();
  world.run();
  BOOST_TEST(!handles[0].post([](harpia::socket_base&) {}));
}

BOOST_AUTO_TEST_CASE(what_a_posted_function_throws_fails_its_connection) {
  auto client = world.connect("/");
  handles[0].post([](harpia::socket_base&) { throw std::runtime_error{"on purpose"}; });
  BOOST_TEST((client.closed().value().code == close_code::internal_error));
  BOOST_TEST(told.front() == "the handler 'post' of route '/' threw: on purpose");
}

BOOST_AUTO_TEST_CASE(a_handle_subscribes_and_closes) {
  auto client = world.connect("/");
  handles[0].subscribe("room");
  world.run();
  BOOST_TEST(world.app().group("room").size() == 1u);
  world.app().publish("room", "hello");
  BOOST_TEST(client.received() == "hello");
  handles[0].unsubscribe("room");
  world.run();
  BOOST_TEST(world.app().group("room").size() == 0u);
  handles[0].close(close_code{4001}, "kicked");
  BOOST_TEST(client.closed().value().reason == "kicked");
}

// Connections of an app

BOOST_AUTO_TEST_CASE(an_app_finds_a_connection_by_its_number) {
  auto one = world.connect("/?name=ann");
  auto two = world.connect("/?name=bob");
  std::optional<harpia::handle> found;
  world.app().connection(handles[1].id(), [&](harpia::handle which) { found = std::move(which); });
  world.run();
  BOOST_TEST((found.value() == handles[1]));
  two.close();
  world.run();
  found.reset();
  world.app().connection(handles[1].id(), [&](harpia::handle which) { found = std::move(which); });
  world.run();
  BOOST_TEST((found.value() == harpia::handle{}));
}

BOOST_AUTO_TEST_CASE(an_app_visits_all_of_its_connections_on_every_loop) {
  testing::explore(
      1, 50,
      [](testing::world& many) {
        std::size_t visited = 0;
        bool is_done = false;
        many.app().ws("/", harpia::handlers<>{});
        std::vector<testing::client> clients;
        for (int i = 0; i < 200; ++i) // more than a portion
          clients.push_back(many.connect("/"));
        many.run();
        many.app().for_each_connection([&](harpia::socket_base& ws) { visited += 1, ws.close(); }, [&] { is_done = true; });
        many.run();
        if (visited != 200 || !is_done)
          throw std::runtime_error{"visited " + std::to_string(visited)};
      },
      {.loops = 3});
}

BOOST_AUTO_TEST_CASE(without_a_running_app_nobody_is_visited_or_found) {
  harpia::app app;
  bool is_done = false;
  bool is_found = true;
  app.for_each_connection([](harpia::socket_base&) {}, [&] { is_done = true; });
  app.connection(1, [&](const harpia::handle& found) { is_found = found.id() != 0; });
  BOOST_TEST(is_done);
  BOOST_TEST(!is_found);
}

// Groups

BOOST_AUTO_TEST_CASE(a_group_tells_its_members_and_closes_them_after_what_was_published) {
  auto one = world.connect("/?name=ann");
  auto two = world.connect("/?name=bob");
  auto other = world.connect("/?name=eve");
  for (int i = 0; i < 2; ++i)
    handles[static_cast<std::size_t>(i)].subscribe("room");
  world.run();
  auto room = world.app().group("room");
  std::set<std::uint64_t> members;
  room.members([&](const std::vector<harpia::handle>& all) {
    for (const auto& each : all)
      members.insert(each.id());
  });
  world.run();
  BOOST_TEST((members == std::set{handles[0].id(), handles[1].id()}));
  room.publish("the last word");
  room.close(close_code{4000}, "the room is closed");
  for (auto* each : {&one, &two}) {
    BOOST_TEST(each->received() == "the last word");
    BOOST_TEST(each->closed().value().reason == "the room is closed");
  }
  BOOST_TEST(other.is_open());
  BOOST_CHECK_THROW(room.close(close_code{1005}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_handler_closes_a_group_at_once) {
  testing::world two_loops{{.loops = 2}};
  two_loops.app().ws("/", {
                              .open = [](auto& ws) { ws.subscribe("room"); },
                              .message =
                                  [&app = two_loops.app()](auto&, message_view) {
                                    app.group("room").publish("the last word");
                                    app.group("room").close(close_code{4000}, "the room is closed");
                                  },
                          });
  auto here = two_loops.connect("/");
  auto elsewhere = two_loops.connect("/");
  here.send("close it");
  for (auto* each : {&here, &elsewhere}) {
    BOOST_TEST(each->received() == "the last word");
    BOOST_REQUIRE(each->closed());
    BOOST_TEST(each->closed()->reason == "the room is closed");
  }
}

BOOST_AUTO_TEST_CASE(handles_of_any_kind_outlive_their_app) {
  std::optional<harpia::group> room;
  std::optional<harpia::client> peer;
  harpia::handle handle;
  {
    harpia::app app;
    app.ws("/", {.open = [&](auto& ws) {
             ws.subscribe("room");
             handle = ws.handle();
           }});
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
    room = app.group("room");
    peer = harpia::connect(app, "ws://127.0.0.1:" + std::to_string(app.port()) + "/", harpia::handlers<>{});
    while (app.connections() == 0 || room->size() == 0)
      std::this_thread::yield();
  }
  BOOST_TEST(room->name() == "room");
  BOOST_TEST(room->size() == 0u);
  std::size_t receipts = 0;
  room->publish("nobody hears", {.on_receipt = [&](const harpia::receipt& sum) { receipts += 1 + sum.accepted; }});
  BOOST_TEST(receipts == 1u);
  bool is_empty = false;
  room->members([&](const std::vector<harpia::handle>& all) { is_empty = all.empty(); });
  BOOST_TEST(is_empty);
  room->close();
  BOOST_TEST(!harpia::as_actor(*room));
  BOOST_TEST((handle.send("late") == harpia::send_status::closed));
  BOOST_TEST(!handle.post([](harpia::socket_base&) {}));
  BOOST_TEST((peer->send("late") == harpia::send_status::closed));
}

// Timers

BOOST_AUTO_TEST_CASE(timers_call_once_or_again_and_again_and_end_with_their_connection) {
  world.app().ws("/timers", {.open = [this](auto& ws) {
                   ws.after(1s, [&ws] { ws.send("once"); });
                   ws.every(2s, [&ws] { ws.send("again"); });
                   ws.after(500ms, [this] { told.push_back("early"); });
                 }});
  auto client = world.connect("/timers");
  world.advance(900ms);
  BOOST_TEST(told == strings{"early"}, boost::test_tools::per_element());
  BOOST_TEST(client.received_all().empty());
  world.advance(5500ms);
  BOOST_TEST(client.received_all() == (strings{"once", "again", "again", "again"}), boost::test_tools::per_element());
  client.close();
  world.advance(10s);
}

BOOST_AUTO_TEST_CASE(a_timer_may_be_cancelled_also_by_itself) {
  std::optional<harpia::timer_id> own;
  world.app().ws("/timers", {.open = [&](auto& ws) {
                   const auto never = ws.after(1s, [this] { told.push_back("never"); });
                   BOOST_TEST(ws.cancel(never));
                   BOOST_TEST(!ws.cancel(never));
                   own = ws.every(1s, [&] {
                     told.push_back("twice");
                     if (told.size() == 2)
                       ws.cancel(*own);
                   });
                   ws.every(3s, [&ws] { ws.close(); });
                 }});
  auto client = world.connect("/timers");
  world.advance(2500ms);
  BOOST_TEST(client.is_open());
  world.advance(10s);
  BOOST_TEST(told == (strings{"twice", "twice"}), boost::test_tools::per_element());
  BOOST_TEST(client.closed().has_value());
}

BOOST_AUTO_TEST_CASE(impossible_times_are_refused_and_throwing_timers_fail_their_connection) {
  world.app().ws("/timers", {.open =
                                 [&](auto& ws) {
                                   BOOST_CHECK_THROW(ws.every(0ms, [] {}), std::invalid_argument);
                                   BOOST_CHECK_THROW(ws.after(-1ms, [] {}), std::invalid_argument);
                                   ws.after(0ms, [] { throw std::runtime_error{"on purpose"}; });
                                 },
                             .error = [this](auto&, const harpia::error& what) { told.push_back(what.what()); }});
  auto client = world.connect("/timers");
  world.advance(200ms);
  BOOST_TEST(told == strings{"the handler 'timer' of route '/timers' threw: on purpose"}, boost::test_tools::per_element());
  BOOST_TEST((client.closed().value().code == close_code::internal_error));
}

BOOST_AUTO_TEST_CASE(timers_of_a_life_end_with_it) {
  world.app().ws("/timers",
                 {.open = [this](auto& ws) { ws.after(1s, [this] { told.push_back("timer"); }); },
                  .message = [](auto&, message_view) { throw std::runtime_error{"on purpose"}; }},
                 {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/timers");
  client.send("crash");
  world.advance(5s);
  BOOST_TEST(std::ranges::count(told, "timer") == 1);
}

// The system

BOOST_AUTO_TEST_CASE(an_app_has_an_actor_system_before_it_starts_and_none_after_its_end) {
  harpia::app app;
  const auto doubler = harpia::test::spawn(app.system(), [](caf::event_based_actor*) -> caf::behavior {
    return {[](int number) { return 2 * number; }};
  });
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  caf::scoped_actor self{app.system()};
  int answer = 0;
  self->request(doubler, 10s, 21).receive([&](int number) { answer = number; }, [](const caf::error&) {});
  BOOST_TEST(answer == 42);
}

BOOST_AUTO_TEST_CASE(the_function_before_a_stop_gets_the_app) {
  std::string port;
  harpia::app app{{.closing = [&](harpia::app& stopping) { port = std::to_string(stopping.port()); }}};
  app.ws("/", harpia::handlers<>{});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto expected = std::to_string(app.port());
  app.stop();
  app.wait();
  BOOST_TEST(port == expected);
}

BOOST_AUTO_TEST_SUITE_END()
