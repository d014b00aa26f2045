// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/captured_errors.hpp"

#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace test = harpia::test;
namespace testing = harpia::testing;
using harpia::delivery_outcome;
using harpia::send_status;

namespace {

/// A connection whose handle the test has.
struct fixture {
  fixture() {
    world.app().ws("/", {.open = [this](auto& ws) { handle = ws.handle(); }}, {.max_buffered = 4096, .on_limit = policy});
  }

  send_status send(std::string_view text) {
    return handle.send(text, {.on_outcome = [this](delivery_outcome outcome) { outcomes.push_back(outcome); }});
  }

  harpia::on_limit policy = harpia::on_limit::drop_newest;
  std::vector<delivery_outcome> outcomes;
  testing::world world;
  harpia::handle handle;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(remote_outcomes, fixture)

BOOST_AUTO_TEST_CASE(a_message_of_a_handle_tells_that_the_system_took_it) {
  auto client = world.connect("/");
  BOOST_TEST((send("hello") == send_status::sent));
  BOOST_TEST(client.received() == "hello");
  BOOST_TEST((outcomes == std::vector{delivery_outcome::taken}));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_lost_on_its_way_is_closed) {
  auto client = world.connect("/");
  BOOST_TEST((send("late") == send_status::sent));
  client.reset(); // noticed before the message arrives, or after
  world.run();
  BOOST_TEST(outcomes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(each_accepted_message_has_one_outcome_whatever_ends_the_connection) {
  auto client = world.connect("/", {.kernel_buffer = 0});
  client.stop_reading();
  std::size_t accepted = 0;
  for (int i = 0; i < 100; ++i) {
    const auto status = send(std::string(200, 'x'));
    accepted += status == send_status::sent || status == send_status::buffered ? 1u : 0u;
  }
  BOOST_TEST(accepted > 0u);
  BOOST_TEST(accepted < 100u); // what was refused has its status
  BOOST_TEST(outcomes.empty());
  client.cut();
  world.run();
  BOOST_TEST(outcomes.size() == accepted);
}

BOOST_AUTO_TEST_CASE(the_app_ends_while_messages_are_on_their_way) {
  std::vector<delivery_outcome> told;
  harpia::handle last;
  {
    testing::world ending;
    ending.app().ws("/", {.open = [&](auto& ws) { last = ws.handle(); }});
    auto client = ending.connect("/");
    BOOST_TEST((last.send("x", {.on_outcome = [&](delivery_outcome outcome) { told.push_back(outcome); }}) == send_status::sent));
  }
  BOOST_TEST(told.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_it_throws_is_logged_and_disturbs_nobody) {
  auto client = world.connect("/");
  const test::captured_errors errors;
  handle.send("hello", {.on_outcome = [](delivery_outcome) { throw std::runtime_error{"on purpose"}; }});
  BOOST_TEST(client.received() == "hello");
  BOOST_TEST(client.is_open());
  BOOST_TEST(errors.text().find(" error harpia: 'on_outcome' of a handle threw: on purpose [handler_failed]\n")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refused_messages_have_no_outcome_but_their_status) {
  auto client = world.connect("/");
  client.close();
  world.run();
  BOOST_TEST((send("late") == send_status::closed));
  BOOST_TEST(
      (harpia::handle{}.send("nobody", {.on_outcome = [](delivery_outcome) { BOOST_TEST(false); }}) == send_status::closed));
  BOOST_TEST(
      (harpia::client{}.send("nobody", {.on_outcome = [](delivery_outcome) { BOOST_TEST(false); }}) == send_status::closed));
  BOOST_TEST(outcomes.empty());
}

BOOST_AUTO_TEST_CASE(a_key_an_uncompressed_message_and_an_outcome_can_be_combined) {
  auto client = world.connect("/");
  const auto status = handle.send(
      "all", {.key = "k", .compression = harpia::compression::disabled, .on_outcome = [this](delivery_outcome outcome) {
                outcomes.push_back(outcome);
              }});
  BOOST_TEST((status == send_status::sent));
  BOOST_TEST(client.received() == "all");
  BOOST_TEST((outcomes == std::vector{delivery_outcome::taken}));
}

BOOST_AUTO_TEST_SUITE_END()
