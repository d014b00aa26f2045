// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/group_link.hpp"

#include "support/followed_group.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fleet = harpia::fleet;
using namespace harpia::test;
using namespace std::chrono_literals;
using fleet::link_state;
using fleet::sync_state;

namespace {

using notes = std::vector<std::string>;

constexpr std::uint64_t first = 0xe1;
constexpr std::uint64_t second = 0xe2;

void check(followed_group& group, const notes& expected) {
  const auto wanted = group.wants();
  BOOST_TEST(wanted == expected, boost::test_tools::per_element());
}

std::vector<fleet::stored_message> entries(std::uint64_t epoch, std::uint64_t from, std::uint64_t to) {
  std::vector<fleet::stored_message> result;
  for (auto offset = from; offset <= to; ++offset)
    result.push_back(stored(epoch, offset));
  return result;
}

/// A node that stands at 4, heard 6 and has asked.
struct with_a_gap : followed_group {
  with_a_gap() {
    begin(first, 4);
    push(stored(first, 6));
    check(*this, {"ask e1.4"});
  }
};

/// A node that was delivered 1 to 5, and asks since it is watched anew.
struct rejoining : followed_group {
  explicit rejoining(const fleet::group_link_options& options = {}) : followed_group{options} {
    begin(first, 0);
    for (std::uint64_t offset = 1; offset <= 5; ++offset)
      push(stored(first, offset));
    (void)wants();
    link.on_watched();
    check(*this, {"ask e1.5"});
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(fleet_group_link)

// The beginning

BOOST_AUTO_TEST_CASE(it_asks_where_to_stand_once_the_group_is_watched) {
  followed_group group;
  group.link.on_link(link_state::connected);
  check(group, {});
  group.link.on_watched();
  check(group, {"ask -"});
  BOOST_TEST(!group.link.last().has_value());
  group.answer(sync_state::start, mark(first, 4));
  check(group, {"stand e1.4"});
  BOOST_TEST((group.link.last() == mark(first, 4)));
}

BOOST_AUTO_TEST_CASE(what_is_pushed_before_it_stands_is_delivered_if_it_is_behind_that) {
  followed_group group;
  group.link.on_link(link_state::connected);
  group.link.on_watched();
  check(group, {"ask -"});
  for (const std::uint64_t offset : {3u, 4u, 5u, 6u})
    group.push(stored(first, offset));
  check(group, {});
  group.answer(sync_state::start, mark(first, 4));
  check(group, {"stand e1.4", "deliver e1.5", "deliver e1.6"});
}

BOOST_AUTO_TEST_CASE(a_group_without_a_message_starts_at_0) {
  followed_group group;
  group.begin(first, 0);
  group.push(stored(first, 1));
  check(group, {"deliver e1.1"});
}

// What continues

BOOST_AUTO_TEST_CASE(what_continues_is_delivered_at_once) {
  followed_group group;
  group.begin(first, 4);
  group.push(stored(first, 5));
  check(group, {"deliver e1.5"});
  group.push(stored(first, 6));
  check(group, {"deliver e1.6"});
  BOOST_TEST(group.link.counts().synchronisations == 1u);
  BOOST_TEST((group.link.history().newest() == mark(first, 6)));
}

BOOST_AUTO_TEST_CASE(what_was_delivered_is_not_delivered_again) {
  followed_group group;
  group.begin(first, 4);
  group.push(stored(first, 5));
  group.push(stored(first, 5));
  group.push(stored(first, 6));
  group.push(stored(first, 5));
  check(group, {"deliver e1.5", "deliver e1.6"});
  BOOST_TEST((group.link.due() == fleet::time_point::max()));
}

// Gaps

BOOST_FIXTURE_TEST_CASE(a_gap_is_filled_and_what_was_held_follows, with_a_gap) {
  push(stored(first, 7));
  check(*this, {});
  BOOST_TEST(link.held() == 2u);
  answer(sync_state::same, mark(first, 6), entries(first, 5, 6));
  check(*this, {"deliver e1.5", "deliver e1.6", "deliver e1.7"});
  BOOST_TEST(link.held() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_only_late_closes_the_gap_itself, with_a_gap) {
  push(stored(first, 5));
  check(*this, {"deliver e1.5", "deliver e1.6"});
  answer(sync_state::same, mark(first, 6), entries(first, 5, 6));
  check(*this, {});
}

BOOST_FIXTURE_TEST_CASE(what_came_after_the_question_and_does_not_continue_is_asked_for_again, with_a_gap) {
  push(stored(first, 9));
  answer(sync_state::same, mark(first, 7), entries(first, 5, 7));
  check(*this, {"deliver e1.5", "deliver e1.6", "deliver e1.7", "ask e1.7"});
  answer(sync_state::same, mark(first, 9), entries(first, 8, 9));
  check(*this, {"deliver e1.8", "deliver e1.9"});
}

BOOST_FIXTURE_TEST_CASE(a_large_gap_is_filled_page_by_page, with_a_gap) {
  BOOST_TEST(asked.limit == 256u);
  push(stored(first, 601));
  answer(sync_state::same, mark(first, 600), entries(first, 5, 260));
  BOOST_TEST(wants().back() == "ask e1.260");
  BOOST_TEST(link.held() == 2u);
  answer(sync_state::same, mark(first, 600), entries(first, 261, 516));
  BOOST_TEST(wants().back() == "ask e1.516");
  answer(sync_state::same, mark(first, 600), entries(first, 517, 600));
  const auto last = wants();
  BOOST_TEST(last.back() == "deliver e1.601");
  BOOST_TEST(last.size() == 85u);
}

BOOST_FIXTURE_TEST_CASE(a_gap_beyond_history_is_told_and_members_go_on_at_the_top, with_a_gap) {
  push(stored(first, 21));
  answer(sync_state::gone, mark(first, 20));
  check(*this, {"reset lost e1.20", "deliver e1.21"});
}

BOOST_AUTO_TEST_CASE(too_much_to_hold_is_asked_for_and_not_lost) {
  followed_group group{{.held = {.messages = 2}}};
  group.begin(first, 4);
  for (const std::uint64_t offset : {6u, 7u, 8u})
    group.push(stored(first, offset));
  check(group, {"ask e1.4"});
  BOOST_TEST(group.link.held() == 2u);
  group.answer(sync_state::same, mark(first, 7), entries(first, 5, 7));
  check(group, {"deliver e1.5", "deliver e1.6", "deliver e1.7", "ask e1.7"});
  group.answer(sync_state::same, mark(first, 8), entries(first, 8, 8));
  check(group, {"deliver e1.8"});
}

BOOST_AUTO_TEST_CASE(what_is_held_is_bounded_in_bytes) {
  followed_group group{{.held = {.bytes = 1000}}};
  group.begin(first, 4);
  group.push(stored(first, 6, std::string(900, 'x')));
  group.push(stored(first, 7, std::string(900, 'x')));
  BOOST_TEST(group.link.held() == 1u);
}

BOOST_AUTO_TEST_CASE(messages_held_before_the_first_answer_are_bounded_too) {
  followed_group group{{.held = {.messages = 1}}};
  group.link.on_link(link_state::connected);
  group.link.on_watched();
  check(group, {"ask -"});
  group.push(stored(first, 5));
  group.push(stored(first, 6));
  group.answer(sync_state::start, mark(first, 4));
  check(group, {"stand e1.4", "deliver e1.5", "ask e1.5"});
}

// Connections

BOOST_FIXTURE_TEST_CASE(whoever_is_watched_anew_asks_what_was_missed, rejoining) {
  answer(sync_state::same, mark(first, 7), entries(first, 6, 7));
  check(*this, {"deliver e1.6", "deliver e1.7"});
}

BOOST_FIXTURE_TEST_CASE(watched_while_it_asks_it_asks_once_more, with_a_gap) {
  link.on_watched();
  check(*this, {});
  answer(sync_state::same, mark(first, 6), entries(first, 5, 6));
  check(*this, {"deliver e1.5", "deliver e1.6", "ask e1.6"});
}

BOOST_FIXTURE_TEST_CASE(a_question_that_failed_is_asked_again_after_a_while, with_a_gap) {
  answer(sync_state::failed);
  check(*this, {});
  wait(249);
  check(*this, {});
  push(stored(first, 7)); // is held, and no reason to ask earlier
  check(*this, {});
  wait(1);
  check(*this, {"ask e1.4"});
  BOOST_TEST((link.due() == fleet::time_point::max()));
}

BOOST_FIXTURE_TEST_CASE(a_question_that_failed_is_asked_again_with_the_next_connection, with_a_gap) {
  answer(sync_state::failed);
  link.on_link(link_state::down);
  BOOST_TEST((link.due() == fleet::time_point::max()));
  wait(1000);
  check(*this, {});
  link.on_link(link_state::connected);
  check(*this, {"ask e1.4"});
}

BOOST_FIXTURE_TEST_CASE(without_a_connection_nothing_is_asked, followed_group) {
  begin(first, 4);
  link.on_link(link_state::down);
  push(stored(first, 6));
  check(*this, {});
  link.on_link(link_state::connected);
  check(*this, {"ask e1.4"});
}

BOOST_FIXTURE_TEST_CASE(an_answer_to_an_earlier_question_is_ignored, with_a_gap) {
  const auto earlier = asked;
  answer(sync_state::failed);
  wait(250);
  check(*this, {"ask e1.4"});
  link.on_synced({earlier.ticket, "g", sync_state::gone, mark(first, 20), {}}, now);
  check(*this, {});
}

// This node's own messages

BOOST_FIXTURE_TEST_CASE(the_oldest_of_its_stored_messages_that_is_not_delivered_is_what_it_has_seen, followed_group) {
  begin(first, 4);
  BOOST_TEST((link.seen() == mark(first, 4)));
  link.on_stored(mark(first, 6), now);
  link.on_stored(mark(first, 7), now);
  BOOST_TEST((link.seen() == mark(first, 6)));
  push(stored(first, 5));
  push(stored(first, 6));
  BOOST_TEST((link.seen() == mark(first, 7)));
  push(stored(first, 7));
  push(stored(first, 8));
  BOOST_TEST((link.seen() == mark(first, 8)));
}

BOOST_FIXTURE_TEST_CASE(a_stored_message_whose_place_another_one_has_is_told_to_the_engine, followed_group) {
  begin(first, 4);
  link.on_stored(mark(first, 5), now);
  link.on_stored(mark(first, 6), now);
  push(forked(first, 5, 1, id(4)));
  check(*this, {"deliver e1.5", "ask e1.5"});
  BOOST_TEST((asked.seen == mark(first, 5)));
}

BOOST_FIXTURE_TEST_CASE(what_is_stored_and_not_in_an_answer_is_asked_about, followed_group) {
  begin(first, 4);
  link.on_stored(mark(first, 5), now);
  link.on_stored(mark(first, 6), now);
  link.on_watched();
  check(*this, {"ask e1.4"});
  answer(sync_state::same, mark(first, 5), entries(first, 5, 5)); // either it was stored later, or it was forgotten
  check(*this, {"deliver e1.5", "ask e1.5"});
  BOOST_TEST((asked.seen == mark(first, 6)));
}

BOOST_FIXTURE_TEST_CASE(what_is_stored_in_an_epoch_that_it_has_not_come_to_is_told_too, followed_group) {
  begin(first, 4);
  link.on_stored(mark(second, 9), now);
  BOOST_TEST((link.seen() == mark(second, 9)));
  wait(1000);
  check(*this, {"ask e1.4"});
  BOOST_TEST((asked.seen == mark(second, 9)));
}

// Another history

BOOST_FIXTURE_TEST_CASE(of_a_forked_history_what_follows_the_last_common_message_is_delivered, rejoining) {
  auto branch = entries(second, 1, 3);
  branch.push_back(forked(second, 4, 1, id(3)));
  branch.push_back(forked(second, 5, 2, {8, 1}));
  answer(sync_state::diverged, {{second, 5}, {8, 2}}, branch);
  check(*this, {"reset diverged e2.3", "deliver e2.4", "deliver e2.5"});
}

BOOST_FIXTURE_TEST_CASE(a_shorter_history_is_a_reset_and_nothing_else, rejoining) {
  answer(sync_state::diverged, mark(second, 3), entries(second, 1, 3));
  check(*this, {"reset diverged e2.3"});
  push(forked(second, 4, 1, id(3)));
  check(*this, {"deliver e2.4"});
}

BOOST_FIXTURE_TEST_CASE(of_a_history_without_a_common_message_all_is_delivered, rejoining) {
  answer(sync_state::other, {{second, 2}, {8, 2}}, {forked(second, 1, 1, {}), forked(second, 2, 2, {8, 1})});
  check(*this, {"reset diverged e2.0", "deliver e2.1", "deliver e2.2"});
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_stored_anew_at_another_offset_is_not_delivered_twice, rejoining) {
  // The engine has forgotten all, and the publisher of 5, which had no answer, has sent it again.
  answer(sync_state::other, {{second, 2}, {8, 1}}, {{{second, 1}, id(5), {}, content_of("x")}, forked(second, 2, 1, id(5))});
  check(*this, {"reset diverged e2.1", "deliver e2.2"});
}

BOOST_FIXTURE_TEST_CASE(an_empty_history_is_a_reset, rejoining) {
  answer(sync_state::other, mark(second, 0));
  check(*this, {"reset diverged e2.0"});
  push(forked(second, 1, 1, {}));
  check(*this, {"deliver e2.1"});
}

BOOST_FIXTURE_TEST_CASE(a_group_that_nobody_used_for_long_has_expired, rejoining) {
  wait(3'600'000);
  answer(sync_state::other, mark(second, 0));
  check(*this, {"reset expired e2.0"});
}

BOOST_FIXTURE_TEST_CASE(what_was_held_of_an_epoch_that_was_left_never_makes_it_ask_for_ever, rejoining) {
  push(stored(first, 7)); // from the engine that has gone
  answer(sync_state::other, mark(second, 3), entries(second, 1, 3));
  check(*this, {"reset diverged e2.3"});
  std::size_t questions = 0;
  for (int i = 0; i < 100; ++i) {
    push(stored(first, 8));
    wait(20);
    for (const auto& note : wants())
      questions += note.starts_with("ask") ? 1u : 0u;
    answer(sync_state::same, mark(second, 3));
  }
  BOOST_TEST(questions == 2u); // once a second at most
  BOOST_TEST(link.held() == 0u);
}

BOOST_FIXTURE_TEST_CASE(after_a_reset_at_most_3_questions_are_asked, rejoining) {
  push(stored(first, 9));
  answer(sync_state::other, mark(second, 3), entries(second, 1, 3));
  push(stored(first, 10));
  push(forked(second, 6, 3, {8, 2}));
  check(*this, {"reset diverged e2.3", "ask e2.3"});
  push(stored(first, 11));
  answer(sync_state::same, {{second, 6}, {8, 3}},
         {forked(second, 4, 1, id(3)), forked(second, 5, 2, {8, 1}), forked(second, 6, 3, {8, 2})});
  check(*this, {"deliver e2.4", "deliver e2.5", "deliver e2.6"});
  wait(1000);
  check(*this, {"ask e2.6"});
  answer(sync_state::same, {{second, 6}, {8, 3}});
  wait(100'000);
  check(*this, {});
}

BOOST_AUTO_TEST_CASE(a_message_of_an_unknown_epoch_is_held_and_asked_about) {
  followed_group group;
  group.begin(first, 4);
  group.push(forked(second, 6, 2, {8, 1}));
  check(group, {"ask e1.4"});
  group.answer(sync_state::other, {{second, 5}, {8, 1}}, {forked(second, 5, 1, id(4))});
  check(group, {"reset diverged e2.4", "deliver e2.5", "deliver e2.6"});
}

BOOST_AUTO_TEST_CASE(an_epoch_may_come_back) {
  followed_group group;
  group.begin(first, 4);
  group.push(stored(first, 5));
  group.link.on_watched();
  (void)group.wants();
  group.answer(sync_state::other, mark(second, 5), entries(second, 5, 5));
  group.link.on_watched();
  check(group, {"reset diverged e2.5", "ask e2.5"});
  group.answer(sync_state::other, mark(first, 5), entries(first, 5, 5));
  group.push(stored(first, 6));
  check(group, {"reset diverged e1.5", "deliver e1.6"});
}

// Forks that show only in ids

BOOST_AUTO_TEST_CASE(another_predecessor_at_the_right_offset_is_a_fork) {
  followed_group group;
  group.begin(first, 4);
  group.push(forked(first, 5, 2, {8, 1}));
  check(group, {"ask e1.4"});
}

BOOST_FIXTURE_TEST_CASE(another_message_at_an_offset_that_was_delivered_is_a_fork, followed_group) {
  begin(first, 4);
  for (const std::uint64_t offset : {5u, 6u, 7u})
    push(stored(first, offset));
  (void)wants();
  push(forked(first, 6, 1, id(5)));
  check(*this, {"ask e1.7"});
  BOOST_TEST((asked.seen == fleet::bookmark{{first, 6}, {8, 1}}));
  answer(sync_state::diverged, {{second, 6}, {8, 1}}, {stored(second, 5), forked(second, 6, 1, id(5))});
  check(*this, {"reset diverged e2.5", "deliver e2.6"});
}

BOOST_FIXTURE_TEST_CASE(the_engine_is_told_the_newest_message_that_this_node_has_heard_of, with_a_gap) {
  answer(sync_state::failed);
  wait(250);
  check(*this, {"ask e1.4"});
  BOOST_TEST((asked.seen == mark(first, 6)));
}

BOOST_AUTO_TEST_CASE(a_message_before_where_it_stands_is_asked_about_once_and_later) {
  followed_group group;
  group.begin(first, 4);
  group.push(stored(first, 2)); // its id is not known here
  check(group, {});
  group.wait(1000);
  check(group, {"ask e1.4"});
  group.answer(sync_state::same, mark(first, 4));
  group.wait(100'000);
  check(group, {});
}

// This node's own messages

BOOST_FIXTURE_TEST_CASE(a_message_that_was_stored_and_is_not_heard_in_time_was_missed, followed_group) {
  begin(first, 4);
  link.on_stored(mark(first, 5), now);
  check(*this, {});
  wait(999);
  check(*this, {});
  wait(1);
  check(*this, {"ask e1.4"});
  BOOST_TEST((asked.seen == mark(first, 5)));
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_stored_and_is_heard_is_no_reason_to_ask, followed_group) {
  begin(first, 4);
  link.on_stored(mark(first, 5), now);
  push(stored(first, 5));
  wait(100'000);
  check(*this, {"deliver e1.5"});
}

BOOST_FIXTURE_TEST_CASE(another_message_at_the_offset_of_one_that_was_stored_is_a_fork, followed_group) {
  begin(first, 4);
  link.on_stored(mark(first, 5), now);
  push(forked(first, 5, 1, id(4)));
  check(*this, {"deliver e1.5", "ask e1.5"});
  BOOST_TEST((asked.seen == mark(first, 5)));
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_stored_where_another_was_delivered_is_a_fork, followed_group) {
  begin(first, 4);
  push(stored(first, 5));
  (void)wants();
  link.on_stored({{first, 5}, {8, 1}}, now);
  check(*this, {"ask e1.5"});
}

// An engine that breaks its promises

BOOST_FIXTURE_TEST_CASE(an_answer_with_a_hole_never_makes_a_silent_one, with_a_gap) {
  auto holey = entries(first, 5, 9);
  holey.erase(holey.begin() + 2);
  answer(sync_state::same, mark(first, 9), holey);
  check(*this, {"deliver e1.5", "deliver e1.6", "reset lost e1.9"});
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_does_not_go_on_never_makes_it_ask_for_ever, with_a_gap) {
  answer(sync_state::same, mark(first, 9));
  check(*this, {"reset lost e1.9"});
}

BOOST_FIXTURE_TEST_CASE(entries_that_do_not_reach_the_top_are_not_trusted, rejoining) {
  answer(sync_state::other, mark(second, 9), entries(second, 1, 3));
  check(*this, {"reset lost e2.9"});
}

BOOST_FIXTURE_TEST_CASE(an_answer_of_the_wrong_kind_is_a_loss, rejoining) {
  answer(sync_state::start, mark(first, 9));
  check(*this, {"reset lost e1.9"});
  link.on_watched();
  check(*this, {"ask e1.9"});
  answer(sync_state::same, mark(second, 3), entries(second, 1, 3));
  check(*this, {"reset lost e2.3"});
}

BOOST_AUTO_TEST_SUITE_END()
