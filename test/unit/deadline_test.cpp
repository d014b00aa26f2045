// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/deadline.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>

namespace net = harpia::net;
using clock_type = net::timer_wheel::clock;
using time_point = clock_type::time_point;

namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_AUTO_TEST_SUITE(deadline)

BOOST_AUTO_TEST_CASE(a_deadline_is_the_wait_after_now) {
  const time_point now{1h};
  BOOST_TEST((net::deadline_after(now, 0ms) == now));
  BOOST_TEST((net::deadline_after(now, 1ms) == now + 1ms));
  BOOST_TEST((net::deadline_after(now, 250us) == now + 250us));
  BOOST_TEST((net::deadline_after(now, 48h) == now + 48h));
  BOOST_TEST((net::deadline_after(now, -1ms) == now - 1ms));
}

BOOST_AUTO_TEST_CASE(a_wait_beyond_the_end_of_the_clock_is_for_ever) {
  for (const time_point now : {time_point{}, time_point{1h}, clock_type::now(), time_point::max() - 1ms, time_point::max()}) {
    BOOST_TEST((net::deadline_after(now, std::chrono::milliseconds::max()) == time_point::max()));
    BOOST_TEST((net::deadline_after(now, std::chrono::hours::max()) == time_point::max()));
    BOOST_TEST((net::deadline_after(now, clock_type::duration::max()) == time_point::max()));
    BOOST_TEST((net::deadline_after(now, std::chrono::hours{24} * 365 * 300) == time_point::max()));
  }
}

BOOST_AUTO_TEST_CASE(a_clock_before_its_epoch_overflows_neither) {
  const time_point now{-1h};
  BOOST_TEST((net::deadline_after(now, 1s) == now + 1s));
  BOOST_TEST((net::deadline_after(now, std::chrono::milliseconds::max()) == time_point::max()));
}

BOOST_AUTO_TEST_CASE(two_of_the_longest_waits_may_be_added_to_a_clocks_time) {
  BOOST_TEST((net::at_most_longest(0ms) == 0ms));
  BOOST_TEST((net::at_most_longest(1ms) == 1ms));
  BOOST_TEST((net::at_most_longest(std::chrono::milliseconds::max()) == net::longest_wait));
  const auto now = clock_type::now();
  BOOST_TEST((now + net::longest_wait + net::longest_wait > now + net::longest_wait));
}

BOOST_AUTO_TEST_CASE(a_timer_for_the_last_time_of_the_clock_never_fires) {
  struct silent final : net::timer {
    void on_timer() override { fired = true; }
    bool fired = false;
  } timer;
  const time_point start{1h};
  net::timer_wheel timers{start};
  timers.schedule(timer, net::deadline_after(start, std::chrono::milliseconds::max()));
  for (const auto years : {1, 100, 250}) {
    timers.advance(start + std::chrono::hours{24} * 365 * years);
    BOOST_TEST(!timer.fired);
    BOOST_TEST(timer.scheduled());
  }
}

BOOST_AUTO_TEST_SUITE_END()
