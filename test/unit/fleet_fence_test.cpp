// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/fence.hpp"

#include "support/fleet_messages.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace fleet = harpia::fleet;
using harpia::test::at;
using state = fleet::fence::state;

BOOST_AUTO_TEST_SUITE(fleet_fence)

BOOST_AUTO_TEST_CASE(it_is_green_once_its_line_is_heard) {
  fleet::fence fence;
  BOOST_TEST((fence.is() == state::off));
  fence.start(at(0));
  const auto line = fence.take_line(at(0));
  BOOST_REQUIRE(line.has_value());
  BOOST_TEST((fence.check(at(1)) == state::waiting));
  fence.hear(*line);
  BOOST_TEST((fence.check(at(2)) == state::green));
}

BOOST_AUTO_TEST_CASE(a_line_leaves_each_second) {
  fleet::fence fence;
  fence.start(at(0));
  for (int second = 0; second < 5; ++second) {
    BOOST_TEST((fence.due() == at(1000 * second)));
    const auto line = fence.take_line(at(1000 * second));
    BOOST_REQUIRE(line.has_value());
    BOOST_TEST(!fence.take_line(at(1000 * second + 999)).has_value());
    fence.hear(*line);
    BOOST_TEST((fence.check(at(1000 * second + 999)) == state::green));
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_not_heard_within_2_seconds_is_late) {
  fleet::fence fence;
  fence.start(at(0));
  fence.hear(fence.take_line(at(0)).value());
  (void)fence.take_line(at(1000));
  (void)fence.take_line(at(2000));
  BOOST_TEST((fence.check(at(2999)) == state::green));
  BOOST_TEST((fence.due() == at(3000)));
  BOOST_TEST((fence.check(at(3000)) == state::late));
  BOOST_TEST((fence.due() == fleet::time_point::max()));
  BOOST_TEST(!fence.take_line(at(4000)).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_first_line_it_is_late_and_never_green) {
  fleet::fence fence;
  fence.start(at(0));
  (void)fence.take_line(at(0));
  BOOST_TEST((fence.check(at(1999)) == state::waiting));
  BOOST_TEST((fence.check(at(2000)) == state::late));
}

BOOST_AUTO_TEST_CASE(each_line_has_2_seconds_of_its_own) {
  fleet::fence fence;
  fence.start(at(0));
  const auto first = fence.take_line(at(0));
  const auto second = fence.take_line(at(1000));
  fence.hear(*first);
  BOOST_TEST((fence.check(at(2999)) == state::green));
  fence.hear(*second);
  BOOST_TEST((fence.check(at(3000)) == state::green));
}

BOOST_AUTO_TEST_CASE(a_line_of_an_earlier_connection_proves_nothing) {
  fleet::fence fence;
  fence.start(at(0));
  const auto early = fence.take_line(at(0));
  fence.stop();
  BOOST_TEST((fence.due() == fleet::time_point::max()));
  fence.start(at(500));
  const auto line = fence.take_line(at(500));
  fence.hear(*early);
  BOOST_TEST((fence.check(at(501)) == state::waiting));
  fence.hear(*line + 1); // a line that never left
  BOOST_TEST((fence.check(at(501)) == state::waiting));
  fence.hear(*line);
  BOOST_TEST((fence.check(at(501)) == state::green));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_heard_after_the_end_proves_nothing) {
  fleet::fence fence;
  fence.start(at(0));
  const auto line = fence.take_line(at(0));
  fence.stop();
  fence.hear(*line);
  BOOST_TEST((fence.is() == state::off));
}

BOOST_AUTO_TEST_SUITE_END()
