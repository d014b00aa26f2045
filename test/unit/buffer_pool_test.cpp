// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/buffer_pool.hpp"

#include "net/event_loop.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t large = std::size_t{1} << 20;

/// A pool on a loop whose clock is in the test's hands.
struct trimmed_pool {
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::time_point{} + 1h;
  harpia::net::event_loop loop{now};
  harpia::websocket::buffer_pool pool{nullptr, &loop};

  void pass(std::chrono::milliseconds time) {
    now += time;
    loop.turn(now);
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(buffer_pool)

BOOST_AUTO_TEST_CASE(a_buffer_is_empty_and_has_the_room_that_was_asked_for) {
  trimmed_pool all;
  for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, large, 3 * large}) {
    auto buffer = all.pool.take(size);
    BOOST_TEST(buffer.empty());
    BOOST_TEST(buffer.capacity() >= size);
    buffer.append("something"sv);
    all.pool.give(std::move(buffer));
    BOOST_TEST(all.pool.take(size).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_large_buffer_is_used_again_and_again) {
  trimmed_pool all;
  auto first = all.pool.take(large);
  const auto* const memory = first.spare().data();
  all.pool.give(std::move(first));
  for (int i = 0; i < 100; ++i) {
    auto again = all.pool.take(large - 1000);
    BOOST_TEST(again.spare().data() == memory);
    all.pool.give(std::move(again));
    all.pass(300ms);
  }
}

BOOST_AUTO_TEST_CASE(the_smallest_large_buffer_that_is_enough_is_taken_and_no_giant) {
  trimmed_pool all;
  for (const auto size : {8 * large, 2 * large, 3 * large})
    all.pool.give(all.pool.take(size));
  BOOST_TEST(all.pool.take(2 * large - 5000).capacity() < 3 * large);
  BOOST_TEST(all.pool.take(large / 8).capacity() < large);
  BOOST_TEST(all.pool.take(9 * large).capacity() >= 9 * large);
}

BOOST_AUTO_TEST_CASE(large_buffers_that_nobody_used_for_a_while_are_freed) {
  trimmed_pool all;
  all.pool.give(all.pool.take(large));
  all.pool.give(all.pool.take(5 * large));
  for (int i = 0; i < 4; ++i) {
    all.pass(harpia::websocket::buffer_pool::trim_interval);
    all.pool.give(all.pool.take(5 * large)); // this one is in use
  }
  BOOST_TEST(all.pool.large_bytes() == 5 * large);
  all.pass(2100ms);
  all.pass(2100ms);
  BOOST_TEST(all.pool.large_bytes() == 0u);
  BOOST_TEST(all.loop.timers().empty()); // an idle loop does not wake up for it
}

BOOST_AUTO_TEST_CASE(large_buffers_are_bounded) {
  trimmed_pool all;
  constexpr auto size = harpia::websocket::buffer_pool::max_kept_large / 4;
  auto a = all.pool.take(size);
  auto b = all.pool.take(size);
  auto c = all.pool.take(size);
  auto d = all.pool.take(size);
  auto e = all.pool.take(size);
  for (auto* each : {&a, &b, &c, &d, &e})
    all.pool.give(std::move(*each));
  BOOST_TEST(all.pool.large_bytes() <= harpia::websocket::buffer_pool::max_kept_large);
}

BOOST_AUTO_TEST_CASE(without_a_loop_no_large_buffer_is_kept) {
  harpia::websocket::buffer_pool pool;
  pool.give(pool.take(large));
  BOOST_TEST(pool.large_bytes() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
