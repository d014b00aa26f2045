// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client/backoff.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <vector>

using harpia::reconnect_options;
using wait = harpia::detail::backoff;

namespace {

using namespace std::chrono_literals;

std::vector<long> waits(wait& of, std::size_t count, double random = 0) {
  std::vector<long> found;
  for (std::size_t i = 0; i < count; ++i)
    found.push_back(of.next(random).count());
  return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(backoff)

BOOST_AUTO_TEST_CASE(it_grows_by_its_factor_up_to_its_maximum) {
  wait usual{reconnect_options{}};
  const std::vector<long> expected{250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
  BOOST_TEST(waits(usual, 10) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_never_passes_its_maximum_however_often_it_is_asked) {
  wait often{{.initial = 1ms, .factor = 1e6, .max = 7s}};
  for (int i = 0; i < 10'000; ++i)
    BOOST_REQUIRE(often.next(0) <= 7s);
}

BOOST_AUTO_TEST_CASE(waits_of_any_length_neither_overflow_nor_end) {
  constexpr auto longest = wait::milliseconds::max();
  wait for_ever{{.initial = longest, .factor = 1e300, .max = longest, .jitter = 0}};
  wait growing{{.initial = 1ms, .factor = 1e300, .max = longest, .jitter = 0}};
  BOOST_TEST(growing.next(0).count() == 1);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((for_ever.next(0) >= std::chrono::years{99}));
    BOOST_TEST((growing.next(0) >= std::chrono::years{99}));
  }
  for_ever.was_open(std::chrono::steady_clock::duration::max());
  BOOST_TEST((for_ever.next(0) >= std::chrono::years{99}));
}

BOOST_AUTO_TEST_CASE(jitter_leaves_out_a_part_and_does_not_change_the_growth) {
  wait jittering{{.initial = 100ms, .factor = 3, .max = 10s, .jitter = 0.5}};
  BOOST_TEST(jittering.next(1).count() == 50);
  BOOST_TEST(jittering.next(0.5).count() == 225);
  BOOST_TEST(jittering.next(0).count() == 900);
}

BOOST_AUTO_TEST_CASE(a_factor_of_one_keeps_the_wait) {
  wait steady{{.initial = 100ms, .factor = 1}};
  const std::vector<long> expected{100, 100, 100};
  BOOST_TEST(waits(steady, 3) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_lasted_longer_than_the_wait_that_is_due_begins_anew) {
  wait usual{{.initial = 100ms, .factor = 2, .max = 10s}};
  waits(usual, 3);
  usual.was_open(800ms);
  BOOST_TEST(usual.next(0).count() == 800);
  usual.was_open(1601ms);
  BOOST_TEST(usual.next(0).count() == 100);
}

BOOST_AUTO_TEST_SUITE_END()
