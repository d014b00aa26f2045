// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routes/running_handler.hpp"
#include "routes/slow_handler_detector.hpp"
#include "routes/watchdog.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <string>

using harpia::detail::running_handler;
using harpia::detail::slow_handler_detector;

namespace {

using namespace std::chrono_literals;

/// Looks at a loop at moments of its own, with a limit of 100 ms.
struct watched {
  std::string look_at(std::chrono::milliseconds when, std::uint64_t entry) {
    const auto found = detector.sample(entry, slow_handler_detector::clock::time_point{} + when);
    return found ? harpia::detail::describe("it", *found) : "nothing";
  }

  slow_handler_detector detector{100ms};
};

std::string name_of(const running_handler& mark) {
  const auto seen = mark.current();
  return seen ? std::string{seen->handler} + " of " + seen->pattern : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(slow_handler)

BOOST_AUTO_TEST_CASE(a_handler_that_is_seen_for_as_long_as_the_limit_is_told_once) {
  watched loop;
  BOOST_TEST(loop.look_at(1000ms, 7) == "nothing");
  BOOST_TEST(loop.look_at(1099ms, 7) == "nothing");
  BOOST_TEST(loop.look_at(1100ms, 7) == "it has been running for 100 ms and has not returned: its event loop is blocked");
  BOOST_TEST(loop.look_at(5000ms, 7) == "nothing");
}

BOOST_AUTO_TEST_CASE(its_return_is_told_with_the_time_that_it_took) {
  watched loop;
  (void)loop.look_at(1000ms, 7);
  (void)loop.look_at(1100ms, 7);
  BOOST_TEST(loop.look_at(3500ms, 0) == "it has returned after about 2500 ms");
  BOOST_TEST(loop.look_at(9000ms, 0) == "nothing");
}

BOOST_AUTO_TEST_CASE(many_quick_handlers_are_not_one_slow_one) {
  watched loop;
  for (std::uint64_t entry = 1; entry < 100; ++entry)
    BOOST_TEST(loop.look_at(entry * 50ms, entry) == "nothing");
}

BOOST_AUTO_TEST_CASE(a_loop_without_work_is_not_slow) {
  watched loop;
  BOOST_TEST(loop.look_at(0ms, 0) == "nothing");
  BOOST_TEST(loop.look_at(60'000ms, 0) == "nothing");
  BOOST_TEST(loop.look_at(60'050ms, 3) == "nothing");
}

BOOST_AUTO_TEST_CASE(the_next_handler_is_told_of_as_well) {
  watched loop;
  (void)loop.look_at(1000ms, 7);
  (void)loop.look_at(1100ms, 7);
  BOOST_TEST(loop.look_at(1200ms, 9) == "it has returned after about 200 ms");
  BOOST_TEST(loop.look_at(1300ms, 9) == "it has been running for 100 ms and has not returned: its event loop is blocked");
}

BOOST_AUTO_TEST_CASE(a_mark_names_the_handler_while_it_runs) {
  running_handler mark;
  BOOST_TEST(name_of(mark) == "none");
  {
    const running_handler::scope inside{mark, "message", "/chat"};
    BOOST_TEST(name_of(mark) == "message of /chat");
  }
  BOOST_TEST(name_of(mark) == "none");
}

BOOST_AUTO_TEST_CASE(every_entry_has_a_number_of_its_own) {
  running_handler mark;
  std::uint64_t first = 0;
  {
    const running_handler::scope inside{mark, "message", "/chat"};
    first = mark.current()->number;
  }
  const running_handler::scope again{mark, "message", "/chat"};
  BOOST_TEST(mark.current()->number != first);
}

BOOST_AUTO_TEST_CASE(a_handler_within_another_gives_the_mark_back) {
  running_handler mark;
  const running_handler::scope outer{mark, "response", "/chat"};
  const auto before = mark.current()->number;
  {
    const running_handler::scope inner{mark, "error", "/chat"};
    BOOST_TEST(name_of(mark) == "error of /chat");
  }
  BOOST_TEST(name_of(mark) == "response of /chat");
  BOOST_TEST(mark.current()->number != before);
}

BOOST_AUTO_TEST_SUITE_END()
