// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "05_auth/auth.hpp"

#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;

namespace {

using namespace std::chrono_literals;

struct fixture {
  fixture() { auth::add_routes(world.app(), world.system().spawn(auth::directory, users)); }

  testing::client connect_with(const std::string& authorization) {
    return world.connect("/token", {.headers = {{"Authorization", authorization}}});
  }

  const std::vector<auth::user> users{{"ann", "green apple", "t1"}, {"bob", "bicycle", "t2"}};
  testing::world world;
};

void check_is_closed_with(testing::client& client, close_code code, const std::string& reason) {
  const auto end = client.closed();
  BOOST_REQUIRE(end);
  BOOST_TEST((end->code == code));
  BOOST_TEST(end->reason == reason);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(auth, fixture)

BOOST_AUTO_TEST_CASE(a_token_lets_its_user_in_before_the_upgrade) {
  auto ann = connect_with("Bearer t1");
  auto bob = connect_with("Bearer t2");
  BOOST_TEST(ann.received() == "welcome, ann");
  BOOST_TEST(bob.received() == "welcome, bob");
  ann.send("hello");
  BOOST_TEST(ann.received() == "ann: hello");
}

BOOST_AUTO_TEST_CASE(without_a_known_token_the_upgrade_is_refused) {
  for (const auto* authorization : {"Bearer t3", "Bearer ", "Bearer", "t1", ""}) {
    auto stranger = connect_with(authorization);
    BOOST_REQUIRE(stranger.refusal());
    BOOST_TEST(stranger.refusal()->status == 401);
  }
  BOOST_TEST(world.connect("/token").refusal()->status == 401);
}

BOOST_AUTO_TEST_CASE(a_name_and_its_password_lead_to_the_next_phase) {
  auto ann = world.connect("/login");
  BOOST_TEST(ann.received() == "say: login NAME PASSWORD");
  ann.send("login ann green apple");
  BOOST_TEST(ann.received() == "welcome, ann");
  ann.send("login ann green apple"); // a line as any other by now
  BOOST_TEST(ann.received() == "ann: login ann green apple");
  world.advance(1h);
  BOOST_TEST(ann.is_open());
}

BOOST_AUTO_TEST_CASE(a_failed_attempt_may_be_followed_by_a_better_one) {
  auto bob = world.connect("/login");
  for (const auto* line : {"hello", "login bob", "login bob bicycle"})
    bob.send(line);
  const std::string hint = "say: login NAME PASSWORD";
  BOOST_TEST(bob.received_all() == (std::vector<std::string>{hint, hint, hint, "welcome, bob"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_third_failed_attempt_closes) {
  auto stranger = world.connect("/login");
  for (const auto* line : {"login ann bicycle", "login eve apple", "login ann green apple pie"}) {
    BOOST_TEST(stranger.is_open());
    stranger.send(line);
  }
  check_is_closed_with(stranger, close_code::policy_violation, "too many attempts");
}

BOOST_AUTO_TEST_CASE(attempts_sent_all_at_once_are_counted_one_by_one) {
  auto stranger = world.connect("/login");
  std::string lines;
  for (const auto* line : {"login ann 1", "login ann 2", "login ann 3", "login ann green apple"})
    lines += testing::client::encode({.payload = line});
  stranger.send_raw(lines);
  check_is_closed_with(stranger, close_code::policy_violation, "too many attempts");
  for (const auto& answer : stranger.received_all())
    BOOST_TEST(answer != "welcome, ann");
}

BOOST_AUTO_TEST_CASE(silence_before_the_login_closes) {
  auto silent = world.connect("/login");
  world.advance(auth::patience - 1s);
  BOOST_TEST(silent.is_open());
  silent.send("login ann bicycle");
  world.advance(auth::patience - 1s);
  BOOST_TEST(silent.is_open());
  world.advance(1s);
  check_is_closed_with(silent, close_code::policy_violation, "nobody logged in");
}

BOOST_AUTO_TEST_CASE(a_directory_that_does_not_answer_lets_nobody_in) {
  testing::world other;
  auth::add_routes(other.app(), other.silent_actor());
  auto early = other.connect("/token");
  auto late = other.connect("/login");
  late.send("login ann green apple");
  other.advance(10s);
  BOOST_REQUIRE(early.refusal());
  BOOST_TEST(early.refusal()->status == 503);
  BOOST_REQUIRE(late.closed());
  BOOST_TEST((late.closed()->code == close_code::internal_error));
}

BOOST_AUTO_TEST_SUITE_END()
