// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/connection_limits.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using harpia::detail::connection_slots;
using harpia::detail::limited_slots;
using harpia::detail::slots_by_address;

namespace {

/// Whether `two` has a slot left while `one` has the only one.
bool are_counted_apart(std::string_view one, std::string_view two) {
  slots_by_address table{1};
  const auto first = table.take(one);
  BOOST_REQUIRE((first && *first));
  return table.take(two).has_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_limits)

// In all

BOOST_AUTO_TEST_CASE(no_more_places_are_taken_than_there_are) {
  limited_slots slots{2};
  auto first = slots.take();
  const auto second = slots.take();
  BOOST_TEST((first && *first));
  BOOST_TEST(second.has_value());
  BOOST_TEST(!slots.take());
  BOOST_TEST(slots.taken() == 2u);
  first->reset();
  BOOST_TEST(slots.taken() == 1u);
  BOOST_TEST(slots.take().has_value());
}

BOOST_AUTO_TEST_CASE(a_limit_of_0_is_none_and_counts_nothing) {
  limited_slots slots{0};
  std::vector<std::optional<limited_slots::slot>> taken;
  for (int i = 0; i < 100; ++i)
    taken.push_back(slots.take());
  BOOST_TEST(std::ranges::all_of(taken, [](const auto& each) { return each && !*each; }));
  BOOST_TEST(slots.taken() == 0u);
  slots_by_address by_address{0};
  const auto one = by_address.take("192.0.2.1");
  BOOST_TEST((one && !*one));
  BOOST_TEST(by_address.addresses() == 0u);
}

BOOST_AUTO_TEST_CASE(a_place_that_moves_is_given_back_once) {
  limited_slots slots{1};
  slots_by_address by_address{1};
  {
    connection_slots held{.of_address = *by_address.take("192.0.2.1"), .of_server = *slots.take()};
    BOOST_TEST(static_cast<bool>(held));
    auto moved = std::move(held);
    BOOST_TEST(!held);
    held = {};
    BOOST_TEST(slots.taken() == 1u);
    BOOST_TEST(by_address.addresses() == 1u);
  }
  BOOST_TEST(slots.taken() == 0u);
  BOOST_TEST(by_address.addresses() == 0u);
}

// By address

BOOST_AUTO_TEST_CASE(every_address_has_as_many_places) {
  slots_by_address table{2};
  auto first = table.take("192.0.2.1");
  const auto second = table.take("192.0.2.1");
  BOOST_TEST((first && second));
  BOOST_TEST(!table.take("192.0.2.1"));
  const auto other = table.take("192.0.2.2");
  BOOST_TEST(other.has_value());
  first->reset();
  BOOST_TEST(table.take("192.0.2.1").has_value());
}

BOOST_AUTO_TEST_CASE(an_address_without_places_is_forgotten) {
  slots_by_address table{5};
  for (int i = 0; i < 1000; ++i)
    BOOST_REQUIRE(table.take("192.0.2." + std::to_string(i % 256)));
  BOOST_TEST(table.addresses() == 0u);
}

BOOST_AUTO_TEST_CASE(an_ipv6_client_is_its_first_64_bits) {
  BOOST_TEST(!are_counted_apart("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
  BOOST_TEST(!are_counted_apart("2001:db8:1:2::1", "2001:DB8:1:2:0:0:0:1"));
  BOOST_TEST(are_counted_apart("2001:db8:1:2::1", "2001:db8:1:3::1"));
  BOOST_TEST(are_counted_apart("::1", "127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(link_local_addresses_share_their_first_64_bits_and_are_counted_apart) {
  BOOST_TEST(are_counted_apart("fe80::1", "fe80::2"));
  BOOST_TEST(!are_counted_apart("fe80::1%eth0", "fe80::1"));
}

BOOST_AUTO_TEST_CASE(an_ipv4_address_is_the_same_client_in_either_form) {
  BOOST_TEST(!are_counted_apart("192.0.2.1", "::ffff:192.0.2.1"));
  BOOST_TEST(are_counted_apart("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
}

BOOST_AUTO_TEST_CASE(what_has_no_address_is_not_counted) {
  slots_by_address table{1};
  for (const auto* none : {"", "", "a name", "192.0.2", "a name"}) {
    const auto slot = table.take(none);
    BOOST_TEST((slot && !*slot));
  }
  BOOST_TEST(table.addresses() == 0u);
}

// In a time

BOOST_AUTO_TEST_CASE(so_many_are_let_through_in_each_span_of_time) {
  using namespace std::chrono_literals;
  harpia::detail::limited_rate rate{2, 5s};
  const harpia::detail::limited_rate::clock::time_point start{1h};
  BOOST_TEST(rate.take(start));
  BOOST_TEST(rate.take(start + 4s));
  BOOST_TEST(!rate.take(start + 4s));
  BOOST_TEST(!rate.take(start + 4999ms));
  BOOST_TEST(rate.take(start + 5s));
  BOOST_TEST(rate.take(start + 5s));
  BOOST_TEST(!rate.take(start + 5s));
  BOOST_TEST(rate.take(start + 1h));
}

// From many threads

BOOST_AUTO_TEST_CASE(the_count_is_exact_whichever_threads_take_and_give_back) {
  constexpr std::size_t limit = 3;
  limited_slots slots{limit};
  slots_by_address table{limit};
  std::atomic<std::size_t> inside = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<std::size_t> refused = 0;
  const auto work = [&](std::string_view address) {
    for (int i = 0; i < 5000; ++i) {
      auto one = slots.take();
      const auto two = table.take(address);
      if (!one || !two) {
        ++refused;
        continue;
      }
      auto now = ++inside;
      for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      --inside;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (const auto* address : {"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"})
      threads.emplace_back(work, address);
  }
  BOOST_TEST(most.load() <= limit);
  BOOST_TEST(most.load() > 0u);
  BOOST_TEST(slots.taken() == 0u);
  BOOST_TEST(table.addresses() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
