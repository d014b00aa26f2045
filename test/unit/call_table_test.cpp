// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/call_table.hpp"
#include "facade/access.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using harpia::detail::access;
using table_of_calls = harpia::detail::call_table;
using harpia::net::timer_wheel;

namespace {

struct fixture {
  [[nodiscard]] static table_of_calls::call make_call() { return std::make_shared<harpia::pending_call::state>(); }
  void advance(std::chrono::milliseconds time) {
    now += time;
    timers.advance(now);
  }

  timer_wheel::clock::time_point now{};
  timer_wheel timers{now};
  std::vector<table_of_calls::call> expired;
  std::function<void()> on_expired = [] {};
  table_of_calls table{timers, 3, [this](table_of_calls::call late) {
                         expired.push_back(std::move(late));
                         on_expired();
                       }};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(call_table, fixture)

BOOST_AUTO_TEST_CASE(a_call_is_taken_once_by_its_id) {
  const auto a = make_call();
  const auto b = make_call();
  const auto id_of_a = table.add(a, now + 1s).value();
  const auto id_of_b = table.add(b, now + 1s).value();
  BOOST_TEST(id_of_a != id_of_b);
  BOOST_TEST((table.take(id_of_b) == b));
  BOOST_TEST((table.take(id_of_b) == nullptr));
  BOOST_TEST((table.take(id_of_a) == a));
  BOOST_TEST((table.take(4711) == nullptr));
}

BOOST_AUTO_TEST_CASE(an_id_is_never_used_again) {
  const auto first = table.add(make_call(), now + 1s).value();
  static_cast<void>(table.take(first));
  BOOST_TEST(table.add(make_call(), now + 1s).value() != first);
}

BOOST_AUTO_TEST_CASE(no_more_wait_than_may) {
  const auto first = table.add(make_call(), now + 1s).value();
  BOOST_TEST(table.add(make_call(), now + 1s).has_value());
  BOOST_TEST(table.add(make_call(), now + 1s).has_value());
  BOOST_TEST(!table.add(make_call(), now + 1s).has_value());
  BOOST_TEST(table.size() == 3u);
  static_cast<void>(table.take(first));
  BOOST_TEST(table.add(make_call(), now + 1s).has_value());
}

BOOST_AUTO_TEST_CASE(a_call_expires_at_its_deadline_and_is_off_the_table_by_then) {
  const auto a = make_call();
  const auto b = make_call();
  const auto id_of_a = table.add(a, now + 2s).value();
  const auto id_of_b = table.add(b, now + 1s).value();
  on_expired = [&] { BOOST_TEST((table.take(id_of_b) == nullptr)); };
  advance(900ms);
  BOOST_TEST(expired.empty());
  advance(100ms);
  BOOST_REQUIRE(expired.size() == 1u);
  BOOST_TEST((expired[0] == b));
  BOOST_TEST((table.take(id_of_a) == a));
}

BOOST_AUTO_TEST_CASE(a_call_that_was_taken_does_not_expire) {
  static_cast<void>(table.take(table.add(make_call(), now + 1s).value()));
  BOOST_TEST(timers.empty());
  advance(2s);
  BOOST_TEST(expired.empty());
}

BOOST_AUTO_TEST_CASE(whoever_hears_of_an_expired_call_may_make_and_take_others) {
  const auto other = table.add(make_call(), now + 1s).value();
  static_cast<void>(table.add(make_call(), now + 1s).value());
  on_expired = [&] {
    static_cast<void>(table.take(other));
    BOOST_TEST(table.add(make_call(), now + 10s).has_value());
  };
  advance(1s);
  BOOST_TEST(!expired.empty());
  BOOST_TEST(table.size() == expired.size());
}

BOOST_AUTO_TEST_CASE(all_are_taken_in_the_order_in_which_they_were_made) {
  const std::vector made{make_call(), make_call(), make_call()};
  for (const auto& each : made)
    static_cast<void>(table.add(each, now + 1s));
  BOOST_TEST((table.take_all() == made));
  BOOST_TEST(table.size() == 0u);
  advance(2s);
  BOOST_TEST(expired.empty());
}

BOOST_AUTO_TEST_CASE(a_table_that_goes_leaves_no_timer) {
  {
    table_of_calls gone{timers, 1, [](const table_of_calls::call&) {}};
    static_cast<void>(gone.add(make_call(), now + 1s));
    BOOST_TEST(timers.size() == 1u);
  }
  BOOST_TEST(timers.empty());
}

BOOST_AUTO_TEST_CASE(a_pending_call_that_was_moved_from_ignores_functions) {
  auto call = access::make<harpia::pending_call>(make_call(), std::nullopt);
  const auto taken_call = std::move(call);
  call.then([](harpia::message_view) {});  // NOLINT(bugprone-use-after-move): it is what this test is about
  BOOST_TEST(!call.failure().has_value()); // NOLINT(bugprone-use-after-move)
}

BOOST_AUTO_TEST_SUITE_END()
