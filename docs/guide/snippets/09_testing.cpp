// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off

// [whole]
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

namespace testing = harpia::testing;
using namespace std::chrono_literals;

namespace {

// The application under test; in a real project it is in a file of its own, and `main` uses it too.
struct chatter {
  std::string name;
};

void chat(harpia::app& app) {
  app.ws<chatter>("/chat", {
    .upgrade = [](auto& request) {
      request.data.name = request.request().query("name").value_or("");
      if (request.data.name.empty())
        request.reject(400, "a name is needed");
    },
    .open = [](auto& ws) { ws.subscribe("chat"); },
    .message = [](auto& ws, harpia::message_view message) {
      ws.publish("chat", ws.data.name + ": " + std::string{message.text()}, {.audience = harpia::audience::everyone});
    },
    .close = [](auto& ws, harpia::close_code, std::string_view) {
      ws.publish("chat", ws.data.name + " has left");
    },
  }, {.idle_timeout = 30s});
}

} // namespace

BOOST_AUTO_TEST_SUITE(a_chat)

BOOST_AUTO_TEST_CASE(everybody_hears_what_one_says) {
  testing::world world{chat};
  auto alice = world.connect("/chat?name=alice");
  auto bob = world.connect("/chat?name=bob");
  alice.send("hi");
  BOOST_TEST(alice.received() == "alice: hi");
  BOOST_TEST(bob.received() == "alice: hi");
}

BOOST_AUTO_TEST_CASE(nobody_comes_in_without_a_name) {
  testing::world world{chat};
  auto stranger = world.connect("/chat");
  BOOST_REQUIRE(stranger.refusal());
  BOOST_TEST(stranger.refusal()->status == 400);
}

BOOST_AUTO_TEST_CASE(a_client_that_vanishes_is_missed_after_30_seconds) {
  testing::world world{chat};
  auto alice = world.connect("/chat?name=alice");
  auto bob = world.connect("/chat?name=bob");
  bob.vanish();
  world.advance(29s);
  BOOST_TEST(!alice.try_received());
  world.advance(1s);
  BOOST_TEST(alice.received() == "bob has left");
}
// [whole]

// [explore]
BOOST_AUTO_TEST_CASE(all_see_one_order_under_every_schedule) {
  testing::explore(1, 100, [](testing::world& world) {
    chat(world.app());
    auto alice = world.connect("/chat?name=alice");
    auto bob = world.connect("/chat?name=bob");
    alice.send("1");
    bob.send("2");
    if (alice.received_all() != bob.received_all())
      throw std::runtime_error{"two orders"};
  }, {.loops = 2});
}
// [explore]

BOOST_AUTO_TEST_SUITE_END()
