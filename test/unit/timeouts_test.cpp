// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/timeouts.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <vector>

namespace net = harpia::net;
namespace websocket = harpia::websocket;
using limits_of = websocket::timeouts;

using namespace std::chrono_literals;
using enum limits_of::verdict;

namespace {

constexpr auto never = limits_of::time_point::max();

/// The timeouts of a connection that has just opened, and a clock in the test's hands.
struct timed {
  explicit timed(const harpia::route_options& options, double share = 0) : limits{options, start, share} { limits.opened(now); }

  limits_of::verdict check(const net::socket_state& socket = {}, limits_of::reading reads = limits_of::reading::on) {
    return limits.check(at, now, socket, reads);
  }
  /// Lets time pass up to the next check.
  limits_of::verdict next(const net::socket_state& socket = {}, limits_of::reading reads = limits_of::reading::on) {
    now = limits.due(at);
    const auto result = check(socket, reads);
    if (result == send_ping)
      take_ping();
    return result;
  }
  void take_ping() {
    limits.pinged(2);
    limits.taken(2, now);
  }
  [[nodiscard]] auto passed() const { return now - start; }

  limits_of::time_point start{1000h};
  limits_of::time_point now = start;
  limits_of limits;
  limits_of::stage at = limits_of::stage::open;
};

constexpr harpia::route_options idle_after_a_minute{.idle_timeout = 60s, .ping_interval = 0s};

} // namespace

BOOST_AUTO_TEST_SUITE(timeouts)

// Keep-alive

BOOST_AUTO_TEST_CASE(a_silent_peer_is_asked_and_then_given_up) {
  timed connection{idle_after_a_minute};
  BOOST_TEST((connection.next() == send_ping));
  BOOST_TEST((connection.passed() == 30s));
  BOOST_TEST((connection.next() == idle));
  BOOST_TEST((connection.passed() == 60s));
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_stays) {
  timed connection{idle_after_a_minute};
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST((connection.next() == send_ping));
    connection.limits.received(connection.now);
  }
}

BOOST_AUTO_TEST_CASE(by_default_a_ping_is_sent_in_time_for_proxies_that_wait_a_minute) {
  timed connection{{}};
  for (int i = 0; i < 10; ++i) {
    const auto before = connection.now;
    BOOST_TEST((connection.next() == send_ping));
    BOOST_TEST((connection.now - before <= 30s));
    connection.limits.received(connection.now); // the pong
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_only_sends_gets_pings_too) { // a proxy waits for the bytes of either side
  timed connection{{}};
  for (int i = 0; i < 24; ++i) {
    connection.now += 1s;
    connection.limits.received(connection.now);
    BOOST_TEST((connection.check() == goes_on));
  }
  connection.now += 1s;
  BOOST_TEST((connection.check() == send_ping));
}

BOOST_AUTO_TEST_CASE(who_is_sent_messages_needs_no_pings) {
  timed connection{{}};
  for (int i = 0; i < 1000; ++i) {
    connection.now += 5s;
    connection.limits.taken(100, connection.now);
    BOOST_TEST((connection.check() == goes_on));
  }
}

BOOST_AUTO_TEST_CASE(a_slow_reader_is_alive_as_long_as_it_takes_bytes) {
  timed connection{idle_after_a_minute};
  constexpr std::size_t all = 12 << 20;
  connection.limits.taken(all, connection.now);
  std::size_t unsent = all;
  while (unsent > 50'000) { // some four minutes at 50 kB/s
    const auto before = connection.now;
    connection.now = connection.limits.due(connection.at);
    unsent -= std::min<std::size_t>(unsent, static_cast<std::size_t>((connection.now - before) / 1ms) * 50);
    BOOST_REQUIRE((connection.check({.unsent = unsent}) != idle));
  }
  BOOST_TEST((connection.passed() > 200s));
}

BOOST_AUTO_TEST_CASE(a_ping_that_arrives_is_no_sign_of_life) { // the system of a program that hangs acknowledges it
  timed connection{idle_after_a_minute};
  connection.limits.taken(1000, connection.now);
  BOOST_TEST((connection.next() == send_ping)); // the message was taken
  auto last = connection.next();
  for (int i = 0; i < 3 && last == send_ping; ++i)
    last = connection.next();
  BOOST_TEST((last == idle));
  BOOST_TEST((connection.passed() <= 90s));
}

BOOST_AUTO_TEST_CASE(while_nothing_is_read_it_is_enough_that_a_ping_arrives) {
  timed connection{idle_after_a_minute};
  for (int i = 0; i < 200; ++i)
    BOOST_TEST((connection.next({}, limits_of::reading::off) != idle));
  BOOST_TEST((connection.passed() > 1h));
}

BOOST_AUTO_TEST_CASE(while_nothing_is_read_a_peer_that_acknowledges_nothing_is_given_up) {
  timed connection{idle_after_a_minute};
  connection.limits.taken(1000, connection.now);
  auto last = goes_on;
  for (int i = 0; i < 10 && last != idle; ++i)
    last = connection.next({.unsent = 1000}, limits_of::reading::off);
  BOOST_TEST((last == idle));
  BOOST_TEST((connection.passed() <= 90s));
}

BOOST_AUTO_TEST_CASE(while_nothing_is_read_a_peer_that_speaks_is_alive) {
  timed connection{idle_after_a_minute};
  connection.limits.taken(1000, connection.now);
  std::size_t unread = 0;
  for (int i = 0; i < 100; ++i)
    BOOST_TEST((connection.next({.unsent = 1000, .unread = unread += 10}, limits_of::reading::off) != idle));
}

BOOST_AUTO_TEST_CASE(a_check_that_comes_late_asks_before_it_gives_up) { // the process was stopped, or a handler blocked the loop
  timed connection{idle_after_a_minute};
  connection.now += 10min;
  BOOST_TEST((connection.check() == send_ping));
  connection.take_ping();
  BOOST_TEST((connection.next() == idle));
  BOOST_TEST((connection.passed() == 10min + 30s));
}

BOOST_AUTO_TEST_CASE(what_the_peer_has_sent_and_nobody_has_read_yet_is_a_sign_of_life) {
  timed connection{idle_after_a_minute};
  BOOST_TEST((connection.next() == send_ping));
  BOOST_TEST((connection.next({.unread = 2}) != idle)); // the pong
}

// The lifetime

BOOST_AUTO_TEST_CASE(a_lifetime_ends_whatever_happens) {
  timed connection{{.max_lifetime = 10s, .max_lifetime_jitter = 0}};
  for (int i = 0; i < 9; ++i) {
    connection.now += 1s;
    connection.limits.received(connection.now);
    BOOST_TEST((connection.check() == goes_on));
  }
  connection.now += 1s;
  BOOST_TEST((connection.check() == too_old));
}

BOOST_AUTO_TEST_CASE(connections_of_one_age_end_one_after_another) {
  std::set<limits_of::time_point> ends;
  for (const double share : {0.0, 0.25, 0.5, 1.0}) {
    timed connection{{.idle_timeout = 0s, .ping_interval = 0s, .max_lifetime = 100s, .max_lifetime_jitter = 0.2}, share};
    ends.insert(connection.limits.due(connection.at));
  }
  const timed reference{{}};
  const std::set<limits_of::time_point> expected{
      reference.start + 80s, reference.start + 90s, reference.start + 95s, reference.start + 100s};
  BOOST_TEST((ends == expected));
}

// Closing

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_answer_a_close_is_cut_in_time) {
  timed connection{{.close_timeout = 5s}};
  connection.at = limits_of::stage::closing;
  connection.limits.closing(connection.now);
  connection.limits.taken(4, connection.now);
  auto last = connection.next();
  while (last == goes_on)
    last = connection.next();
  BOOST_TEST((last == close_timed_out));
  BOOST_TEST((connection.passed() == 5s));
}

BOOST_AUTO_TEST_CASE(the_time_to_close_counts_from_the_last_byte_that_was_taken) {
  timed connection{{.close_timeout = 5s}};
  connection.at = limits_of::stage::closing;
  connection.limits.closing(connection.now);
  for (int i = 0; i < 20; ++i) {
    connection.now += 4s;
    BOOST_TEST((connection.check({.unsent = 1 << 20}) == goes_on));
    connection.limits.taken(1000, connection.now);
  }
}

BOOST_AUTO_TEST_CASE(the_time_to_close_counts_from_the_last_byte_that_was_acknowledged) {
  timed connection{{.close_timeout = 5s}};
  connection.limits.taken(1'000'000, connection.now);
  connection.at = limits_of::stage::closing;
  connection.limits.closing(connection.now);
  std::size_t unsent = 1'000'000;
  while (unsent > 10'000)
    BOOST_TEST((connection.next({.unsent = unsent -= 10'000}) == goes_on));
  BOOST_TEST((connection.passed() > 100s));
  auto last = goes_on;
  for (int i = 0; i < 4 && last == goes_on; ++i)
    last = connection.next({.unsent = unsent});
  BOOST_TEST((last == close_timed_out));
}

BOOST_AUTO_TEST_CASE(after_the_end_a_peer_that_takes_too_little_is_cut_although_it_goes_on) {
  timed connection{{.close_timeout = 5s}};
  connection.at = limits_of::stage::closing;
  connection.limits.flushing(connection.now, 10 * limits_of::min_rate);
  auto last = goes_on;
  while (last == goes_on) {
    connection.now += 1s;
    connection.limits.taken(1, connection.now);
    last = connection.check();
    BOOST_REQUIRE((connection.passed() <= 16s));
  }
  BOOST_TEST((connection.passed() >= 15s));
}

BOOST_AUTO_TEST_CASE(after_the_end_a_peer_that_takes_nothing_is_cut_however_long_the_close_timeout_is) {
  for (const auto time : {std::chrono::milliseconds{1h}, std::chrono::milliseconds::max()}) {
    timed connection{{.close_timeout = time}};
    connection.at = limits_of::stage::closing;
    connection.limits.flushing(connection.now, 1 << 24);
    auto last = goes_on;
    for (int i = 0; i < 4 && last == goes_on; ++i)
      last = connection.next({.unsent = 1000});
    BOOST_TEST((last == close_timed_out));
    BOOST_TEST((connection.passed() <= 60s));
  }
}

BOOST_AUTO_TEST_CASE(a_peer_is_stuck_once_it_has_taken_nothing_for_a_time) {
  timed connection{{.close_timeout = 60s}};
  connection.limits.taken(1000, connection.now);
  connection.limits.closing(connection.now);
  BOOST_TEST(!connection.limits.is_stuck(5s, connection.now + 5s, {.unsent = 900})); // the first look
  BOOST_TEST(!connection.limits.is_stuck(5s, connection.now + 6s, {.unsent = 800}));
  BOOST_TEST(!connection.limits.is_stuck(5s, connection.now + 10s, {.unsent = 800}));
  BOOST_TEST(connection.limits.is_stuck(5s, connection.now + 11s, {.unsent = 800}));
}

BOOST_AUTO_TEST_CASE(time_that_was_taken_before_a_close_does_not_shorten_it) { // by a handler that ran for long before it closed
  timed connection{{.close_timeout = 5s}};
  connection.at = limits_of::stage::closing;
  connection.limits.closing(connection.now + 6s);
  connection.limits.taken(4, connection.now); // of the turn that began before
  BOOST_TEST((connection.limits.due(connection.at) > connection.now + 6s));
}

// Every duration at its ends

BOOST_AUTO_TEST_CASE(zero_and_what_no_clock_can_hold_mean_never) {
  for (const auto time : {0ms, std::chrono::milliseconds::max(), std::chrono::milliseconds{std::chrono::years{300}}}) {
    timed connection{{.idle_timeout = time, .ping_interval = time, .max_lifetime = time}};
    BOOST_TEST((connection.limits.due(limits_of::stage::open) >= connection.now + std::chrono::hours{24 * 365 * 250}));
  }
  for (const auto time : {std::chrono::milliseconds::max(), std::chrono::milliseconds{std::chrono::years{300}}}) {
    timed connection{{.close_timeout = time}};
    connection.limits.closing(connection.now);
    BOOST_TEST((connection.limits.due(limits_of::stage::closing) == never));
  }
}

BOOST_AUTO_TEST_CASE(a_millisecond_is_a_time_out) {
  timed idle_soon{{.idle_timeout = 1ms}};
  BOOST_TEST((idle_soon.next() != goes_on));
  idle_soon.now += 1ms;
  BOOST_TEST((idle_soon.check() == idle));
  timed old_soon{{.max_lifetime = 1ms}};
  old_soon.now += 1ms;
  BOOST_TEST((old_soon.check() == too_old));
  timed pinged_soon{{.idle_timeout = 0ms, .ping_interval = 1ms}};
  BOOST_TEST((pinged_soon.next() == send_ping));
  timed closed_soon{{.close_timeout = 1ms}};
  closed_soon.at = limits_of::stage::closing;
  closed_soon.limits.closing(closed_soon.now);
  closed_soon.now += 1ms;
  (void)closed_soon.check();
  BOOST_TEST((closed_soon.check() == close_timed_out));
}

BOOST_AUTO_TEST_CASE(an_opening_handshake_has_its_deadline) {
  timed connection{{}};
  connection.at = limits_of::stage::opening;
  connection.limits.open_until(connection.now + 3s);
  connection.now += 2s;
  BOOST_TEST((connection.check() == goes_on));
  BOOST_TEST((connection.next() == opening_timed_out));
  BOOST_TEST((connection.passed() == 3s));
}

BOOST_AUTO_TEST_SUITE_END()
