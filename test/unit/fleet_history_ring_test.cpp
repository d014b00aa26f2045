// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/history_ring.hpp"

#include "support/fleet_messages.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fleet = harpia::fleet;
using namespace harpia::test;
using namespace std::chrono_literals;
using verdict = fleet::history_ring::verdict;

namespace {

constexpr std::uint64_t epoch = 0xe1;

struct with_budget {
  fleet::history_budget budget;
};

void fill(fleet::history_ring& ring, std::uint64_t first, std::uint64_t last, const std::string& text = "x") {
  for (auto offset = first; offset <= last; ++offset)
    ring.add(stored(epoch, offset, text), at(0));
}

std::vector<std::uint64_t>
offsets_behind(fleet::history_ring& ring, const fleet::bookmark& since, fleet::time_point now = at(0)) {
  std::vector<std::uint64_t> result;
  for (const auto& each : ring.behind(since, now).behind)
    result.push_back(each.message.at.offset);
  return result;
}

using offsets = std::vector<std::uint64_t>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(fleet_history_ring, with_budget)

BOOST_AUTO_TEST_CASE(it_gives_everything_behind_a_bookmark_in_order) {
  fleet::history_ring ring{{}, budget};
  ring.restart(mark(epoch, 4));
  fill(ring, 5, 9);
  BOOST_TEST((offsets_behind(ring, mark(epoch, 6)) == offsets{7, 8, 9}));
  BOOST_TEST((offsets_behind(ring, mark(epoch, 4)) == offsets{5, 6, 7, 8, 9}));
  BOOST_TEST((ring.behind(mark(epoch, 9), at(0)).what == verdict::found));
  BOOST_TEST(ring.behind(mark(epoch, 9), at(0)).behind.empty());
}

BOOST_AUTO_TEST_CASE(it_tells_why_it_has_no_answer_and_gives_no_part_of_one) {
  fleet::history_ring ring{{}, budget};
  ring.restart(mark(epoch, 4));
  fill(ring, 5, 9);
  const auto check = [&](const fleet::bookmark& since, verdict expected) {
    const auto answer = ring.behind(since, at(0));
    BOOST_TEST((answer.what == expected));
    BOOST_TEST(answer.behind.empty());
  };
  check(mark(epoch, 3), verdict::lost);
  check(mark(epoch + 1, 6), verdict::other_epoch);
  check(mark(epoch, 10), verdict::future);
  check({{epoch, 6}, id(5)}, verdict::other_id);
  check({{epoch, 4}, id(5)}, verdict::other_id);
  check({{epoch, 9}, {}}, verdict::other_id);
}

BOOST_AUTO_TEST_CASE(the_beginning_of_a_group_is_a_bookmark_too) {
  fleet::history_ring ring{{}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 2);
  BOOST_TEST((offsets_behind(ring, mark(epoch, 0)) == offsets{1, 2}));
  BOOST_TEST((ring.behind({{epoch, 0}, id(1)}, at(0)).what == verdict::other_id));
}

BOOST_AUTO_TEST_CASE(it_is_bounded_by_count) {
  fleet::history_ring ring{{.size = 3}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 10);
  BOOST_TEST(ring.size() == 3u);
  BOOST_TEST((offsets_behind(ring, mark(epoch, 7)) == offsets{8, 9, 10}));
  BOOST_TEST((ring.behind(mark(epoch, 6), at(0)).what == verdict::lost));
}

BOOST_AUTO_TEST_CASE(of_size_0_it_knows_only_where_it_stands) {
  fleet::history_ring ring{{.size = 0}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 10);
  BOOST_TEST(ring.size() == 0u);
  BOOST_TEST(budget.used() == 0u);
  BOOST_TEST((ring.behind(mark(epoch, 10), at(0)).what == verdict::found));
  BOOST_TEST((ring.behind(mark(epoch, 9), at(0)).what == verdict::lost));
}

BOOST_AUTO_TEST_CASE(it_is_bounded_by_bytes) {
  fleet::history_ring ring{{.size = 100, .max_bytes = 1000}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 20, std::string(98, 'x')); // 100 with the frame's head
  BOOST_TEST(ring.size() == 10u);
  BOOST_TEST(ring.bytes() == 1000u);
  fill(ring, 21, 21, std::string(5000, 'x'));
  BOOST_TEST(ring.size() == 0u);
  BOOST_TEST(budget.used() == 0u);
  BOOST_TEST((ring.newest() == mark(epoch, 21)));
}

BOOST_AUTO_TEST_CASE(it_is_bounded_by_age) {
  fleet::history_ring ring{{.ttl = 1s}, budget};
  ring.restart(mark(epoch, 0));
  ring.add(stored(epoch, 1), at(0));
  ring.add(stored(epoch, 2), at(600));
  BOOST_TEST((offsets_behind(ring, mark(epoch, 0), at(999)) == offsets{1, 2}));
  BOOST_TEST((ring.behind(mark(epoch, 0), at(1000)).what == verdict::lost));
  BOOST_TEST((offsets_behind(ring, mark(epoch, 1), at(1000)) == offsets{2}));
  BOOST_TEST((ring.behind(mark(epoch, 2), at(9000)).what == verdict::found));
  BOOST_TEST(budget.used() == 0u);
}

BOOST_AUTO_TEST_CASE(all_rings_of_a_node_share_a_budget_and_the_one_added_to_longest_ago_forgets_first) {
  fleet::history_budget small{1000};
  fleet::history_ring quiet{{}, small};
  fleet::history_ring busy{{}, small};
  quiet.restart(mark(epoch, 0));
  busy.restart(mark(epoch, 0));
  fill(quiet, 1, 6, std::string(98, 'x'));
  fill(busy, 1, 8, std::string(98, 'x'));
  BOOST_TEST(small.used() == 1000u);
  BOOST_TEST(quiet.size() == 2u);
  BOOST_TEST(busy.size() == 8u);
  BOOST_TEST((offsets_behind(quiet, mark(epoch, 4)) == offsets{5, 6})); // it forgets its oldest, and leaves no gap
  fill(busy, 9, 30, std::string(98, 'x'));
  BOOST_TEST(quiet.size() == 0u);
  BOOST_TEST(busy.size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_ring_that_goes_gives_its_bytes_back) {
  {
    fleet::history_ring ring{{}, budget};
    ring.restart(mark(epoch, 0));
    fill(ring, 1, 5);
    BOOST_TEST(budget.used() > 0u);
  }
  BOOST_TEST(budget.used() == 0u);
}

BOOST_AUTO_TEST_CASE(after_a_restart_it_knows_nothing_of_before) {
  fleet::history_ring ring{{}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 5);
  ring.restart({{epoch + 1, 3}, id(3)});
  BOOST_TEST(ring.size() == 0u);
  BOOST_TEST(budget.used() == 0u);
  BOOST_TEST((ring.behind(mark(epoch, 3), at(0)).what == verdict::other_epoch));
  BOOST_TEST((ring.behind(mark(epoch + 1, 3), at(0)).what == verdict::found));
}

BOOST_AUTO_TEST_CASE(it_knows_the_ids_of_what_it_holds) {
  fleet::history_ring ring{{.size = 3}, budget};
  ring.restart(mark(epoch, 0));
  fill(ring, 1, 10);
  BOOST_TEST((ring.id_at(7) == id(7))); // the newest that it has forgotten
  BOOST_TEST((ring.id_at(10) == id(10)));
  BOOST_TEST(!ring.id_at(6).has_value());
  BOOST_TEST(!ring.id_at(11).has_value());
}

BOOST_AUTO_TEST_CASE(payloads_are_shared_and_not_copied) {
  fleet::history_ring ring{{}, budget};
  ring.restart(mark(epoch, 0));
  const auto message = stored(epoch, 1);
  ring.add(message, at(0));
  BOOST_TEST((ring.behind(mark(epoch, 0), at(0)).behind.begin()->message.what == message.what));
}

BOOST_AUTO_TEST_SUITE_END()
