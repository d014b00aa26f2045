// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

/// An app whose clients are in one room.
struct room {
  room(harpia::app_options options, unsigned loops = 1) : world{{.loops = loops, .app = std::move(options)}} {
    world.app().ws("/", {.open = [](auto& ws) { ws.subscribe("room"); }});
  }

  std::vector<testing::client> connect(std::size_t count) {
    std::vector<testing::client> clients;
    for (std::size_t i = 0; i < count; ++i)
      clients.push_back(world.connect("/"));
    return clients;
  }

  testing::world world;
};

std::size_t closed_of(std::vector<testing::client>& clients) {
  return static_cast<std::size_t>(std::ranges::count_if(clients, [](auto& each) { return each.closed().has_value(); }));
}

} // namespace

BOOST_AUTO_TEST_SUITE(stopping)

BOOST_AUTO_TEST_CASE(before_it_closes_anything_the_app_may_tell_its_clients) {
  room all{
      {.closing = [](harpia::app& app) { app.publish("room", "back in a minute"); }, .stop_code = close_code::service_restart},
      3};
  auto clients = all.connect(10);
  all.world.stop();
  for (auto& each : clients) {
    BOOST_TEST(each.received() == "back in a minute");
    BOOST_TEST((each.closed().value().code == close_code::service_restart));
  }
}

BOOST_AUTO_TEST_CASE(a_closing_function_that_throws_does_not_keep_the_app_from_stopping) {
  room all{{.closing = [](harpia::app&) { throw std::runtime_error{"not now"}; }}};
  auto clients = all.connect(2);
  all.world.stop();
  BOOST_TEST(closed_of(clients) == 2);
}

BOOST_AUTO_TEST_CASE(closes_can_be_spread_over_a_time) {
  room all{{.stop_spread = 10s}, 2};
  auto clients = all.connect(200);
  all.world.app().stop();
  all.world.run();
  auto before = closed_of(clients);
  BOOST_TEST(before < 10);
  for (int second = 1; second < 10; ++second) {
    all.world.advance(1s);
    const auto now = closed_of(clients);
    BOOST_TEST(now - before > 10); // 20, but for rounding
    BOOST_TEST(now - before < 30);
    before = now;
  }
  all.world.advance(1s);
  BOOST_TEST(closed_of(clients) == clients.size());
  for (auto& each : clients)
    BOOST_TEST((each.closed()->code == close_code::going_away));
  all.world.app().wait();
}

BOOST_AUTO_TEST_CASE(clients_that_are_not_closed_yet_are_served_meanwhile) {
  testing::world world{{.app = {.stop_spread = 10s}}};
  world.app().ws("/", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  auto one = world.connect("/");
  auto other = world.connect("/");
  world.app().stop();
  world.advance(7s);
  one.send("still there?");
  other.send("still there?");
  BOOST_TEST(one.received_all().size() + other.received_all().size() == 1);
  BOOST_TEST(one.is_open() != other.is_open());
}

BOOST_AUTO_TEST_CASE(a_spread_ends_with_its_last_client) {
  room all{{.stop_spread = 1h}};
  auto clients = all.connect(3);
  all.world.app().stop();
  all.world.run();
  for (auto& each : clients)
    each.close();
  all.world.advance(1s);
  const auto began = all.world.now();
  all.world.app().wait();
  BOOST_TEST((all.world.now() - began < 1s));
}

BOOST_AUTO_TEST_CASE(who_does_not_answer_is_cut_once_the_spread_and_stop_timeout_are_over) {
  room all{{.stop_spread = 2s, .stop_timeout = 1s}};
  auto clients = all.connect(4);
  clients.front().stop_reading();
  all.world.stop();
  BOOST_TEST((all.world.now() >= 3s));
  BOOST_TEST((all.world.now() < 4s));
}

BOOST_AUTO_TEST_CASE(clients_of_the_app_are_ended_after_those_they_may_serve) {
  room all{{.stop_spread = 2s}};
  auto backend = all.world.listen("backend");
  auto clients = all.connect(4);
  const auto own = harpia::connect(all.world.app(), "ws://backend", harpia::handlers<harpia::no_data>{});
  auto end = backend.accept();
  all.world.app().stop();
  all.world.advance(1s);
  BOOST_TEST(end.is_open());
  all.world.advance(2s);
  BOOST_TEST((end.closed().value().code == close_code::going_away));
  all.world.app().wait();
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be_are_named) {
  BOOST_CHECK_EXCEPTION(harpia::app{harpia::app_options{.stop_spread = -1s}}, std::invalid_argument, [](const auto& why) {
    return std::string_view{why.what()}.find("stop_spread") != std::string_view::npos;
  });
  BOOST_CHECK_EXCEPTION(harpia::app{harpia::app_options{.stop_code = close_code::abnormal}}, std::invalid_argument,
                        [](const auto& why) { return std::string_view{why.what()}.find("stop_code") != std::string_view::npos; });
}

BOOST_AUTO_TEST_SUITE_END()
