// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/publish_queue.hpp"

#include "support/fleet_messages.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fleet = harpia::fleet;
using namespace harpia::test;
using namespace std::chrono_literals;
using fleet::link_state;
using fleet::outcome;
using fleet::publish_result;
using harpia::publish_status;
using place = fleet::publish_request::place;

namespace {

using notes = std::vector<std::string>;

/// A queue with a manual clock. Tickets count from 1 on.
struct publisher {
  explicit publisher(const fleet::publish_limits& limits = {}) : queue{7, limits} {}

  fleet::publish_queue queue;
  fleet::time_point now = at(0);
  std::uint64_t tickets = 0;
  std::vector<fleet::published> outcomes;

  publish_status publish(std::string_view text = "x", std::string_view group = "g") {
    return queue.publish(group, content_of(text), ++tickets, now);
  }
  void link(link_state state) { queue.on_link(state, now); }
  void answer(std::uint64_t number, publish_result result, std::string group = "g") {
    fleet::publish_answer answer{.group = std::move(group), .id = {7, number}, .result = result};
    if (result == publish_result::stored || result == publish_result::duplicate)
      answer.at = harpia::position{0xe1, 40 + number};
    queue.on_answer(answer, now);
  }
  /// What it sends since the last call: `NUMBER`, with `!` if all before it are settled.
  notes sends() {
    notes result;
    for (const auto& each : queue.take_requests())
      result.push_back(std::to_string(each.id.number) + (each.in_flight == place::oldest ? "!" : ""));
    return result;
  }
  /// The outcomes since the last call: `TICKET OUTCOME`.
  notes ends() {
    notes result;
    for (auto& each : queue.take_outcomes()) {
      result.push_back(std::to_string(each.ticket) + " " + std::string{to_string(each.what)});
      outcomes.push_back(std::move(each));
    }
    return result;
  }
  void wait(std::int64_t milliseconds) {
    now += std::chrono::milliseconds{milliseconds};
    queue.expire(now);
  }
};

struct connected : publisher {
  connected() { link(link_state::green); }
};

void check(const notes& found, const notes& expected) {
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_SUITE(fleet_publish_queue)

// What publish answers

BOOST_AUTO_TEST_CASE(publish_tells_whether_the_engine_is_there) {
  publisher node;
  BOOST_TEST((node.publish() == publish_status::pending));
  node.link(link_state::connected);
  BOOST_TEST((node.publish() == publish_status::pending));
  node.link(link_state::green);
  BOOST_TEST((node.publish() == publish_status::sent));
}

BOOST_AUTO_TEST_CASE(over_a_bound_it_is_refused_and_has_no_outcome) {
  publisher few{{.max_messages = 2}};
  few.publish();
  few.publish();
  BOOST_TEST((few.publish() == publish_status::refused));
  few.queue.stop();
  check(few.ends(), {"1 expired", "2 expired"});

  publisher small{{.max_bytes = 100}};
  small.publish(std::string(88, 'x')); // 90 bytes with the head of the frame
  BOOST_TEST(small.queue.bytes() == 90u);
  BOOST_TEST((small.publish(std::string(9, 'x')) == publish_status::refused));
  BOOST_TEST((small.publish(std::string(8, 'x')) == publish_status::pending));
  BOOST_TEST((small.publish(std::string(300, 'x')) == publish_status::refused));
}

BOOST_FIXTURE_TEST_CASE(what_is_settled_makes_room, connected) {
  publish();
  BOOST_TEST(queue.size() == 1u);
  answer(1, publish_result::stored);
  BOOST_TEST(queue.size() == 0u);
  BOOST_TEST(queue.bytes() == 0u);
}

// Numbers

BOOST_FIXTURE_TEST_CASE(messages_of_a_group_are_numbered_in_the_order_of_the_calls, connected) {
  publish();
  publish();
  publish();
  check(sends(), {"1!", "2", "3"});
}

BOOST_FIXTURE_TEST_CASE(each_group_has_numbers_and_an_order_of_its_own, connected) {
  publish("x", "a");
  publish("x", "b");
  publish("x", "a");
  check(sends(), {"1!", "1!", "2"});
  answer(1, publish_result::not_now, "a");
  publish("x", "b");
  check(sends(), {"2"});
}

BOOST_FIXTURE_TEST_CASE(a_number_is_never_used_again, connected) {
  publish();
  answer(1, publish_result::stored);
  publish();
  publish("x", "other");
  check(sends(), {"1!", "2!", "2!"});
}

BOOST_AUTO_TEST_CASE(what_waits_is_sent_in_order_with_the_connection) {
  publisher node;
  node.publish();
  node.publish();
  check(node.sends(), {});
  node.link(link_state::connected);
  check(node.sends(), {"1!", "2"});
  node.link(link_state::green);
  check(node.sends(), {});
}

BOOST_AUTO_TEST_CASE(only_so_many_of_a_group_are_in_flight) {
  publisher node{{.in_flight = 2}};
  node.link(link_state::green);
  for (int i = 0; i < 4; ++i)
    node.publish();
  check(node.sends(), {"1!", "2"});
  node.answer(1, publish_result::stored);
  check(node.sends(), {"3"});
}

// Outcomes

BOOST_FIXTURE_TEST_CASE(what_the_engine_answers_is_the_outcome, connected) {
  publish();
  publish();
  publish();
  answer(1, publish_result::stored);
  answer(2, publish_result::duplicate);
  answer(3, publish_result::refused);
  check(ends(), {"1 stored", "2 duplicate", "3 refused"});
  BOOST_TEST((outcomes[0].at == harpia::position{0xe1, 41}));
  BOOST_TEST((outcomes[0].id == fleet::message_id{7, 1}));
  BOOST_TEST(outcomes[0].group == "g");
  BOOST_TEST((outcomes[1].at == harpia::position{0xe1, 42}));
  BOOST_TEST(!outcomes[2].at.has_value());
}

BOOST_FIXTURE_TEST_CASE(an_outcome_comes_once, connected) {
  publish();
  answer(1, publish_result::stored);
  answer(1, publish_result::stored);
  answer(9, publish_result::stored);
  queue.stop();
  check(ends(), {"1 stored"});
}

BOOST_AUTO_TEST_CASE(what_was_never_sent_expires_after_30_seconds) {
  publisher node;
  node.publish();
  node.wait(10);
  node.publish();
  BOOST_TEST((node.queue.due() == at(30'000)));
  node.wait(29'989);
  check(node.ends(), {});
  node.wait(1);
  check(node.ends(), {"1 expired"});
  BOOST_TEST((node.queue.due() == at(30'010)));
  node.link(link_state::green);
  check(node.sends(), {"1!"});
}

BOOST_FIXTURE_TEST_CASE(what_was_sent_and_not_answered_is_unknown, connected) {
  publish();
  wait(30'000);
  check(ends(), {"1 unknown"});
}

BOOST_FIXTURE_TEST_CASE(what_the_engine_has_turned_away_each_time_expires, connected) {
  publish();
  answer(1, publish_result::not_now);
  link(link_state::down);
  wait(30'000);
  check(ends(), {"1 expired"});
}

BOOST_FIXTURE_TEST_CASE(a_lost_answer_leaves_it_unknown_whatever_is_answered_later, connected) {
  publish();
  publish();
  answer(1, publish_result::lost);
  answer(2, publish_result::lost);
  wait(100);
  answer(1, publish_result::refused);
  check(ends(), {"1 unknown"});
  answer(2, publish_result::not_now);
  queue.stop();
  check(ends(), {"2 unknown"});
}

BOOST_FIXTURE_TEST_CASE(a_stop_gives_everything_an_outcome, connected) {
  publish();
  link(link_state::down);
  publish("x", "other");
  queue.stop();
  check(ends(), {"1 unknown", "2 expired"});
  BOOST_TEST((queue.due() == fleet::time_point::max()));
}

// Sending again

BOOST_FIXTURE_TEST_CASE(after_a_failure_all_behind_it_are_sent_again_in_order, connected) {
  publish();
  publish();
  publish();
  answer(1, publish_result::not_now);
  answer(2, publish_result::out_of_order);
  publish();
  check(sends(), {"1!", "2", "3"});
  answer(3, publish_result::out_of_order);
  check(sends(), {}); // the engine cannot now
  BOOST_TEST((queue.due() == at(100)));
  wait(100);
  check(sends(), {"1!", "2", "3", "4"});
}

BOOST_FIXTURE_TEST_CASE(it_is_sent_again_only_when_no_other_of_the_group_is_in_flight, connected) {
  publish();
  publish();
  answer(1, publish_result::not_now);
  wait(5000);
  check(sends(), {"1!", "2"});
  answer(2, publish_result::out_of_order);
  check(sends(), {"1!", "2"});
}

BOOST_FIXTURE_TEST_CASE(a_failure_between_two_that_were_stored_keeps_the_order, connected) {
  publish();
  publish();
  publish();
  (void)sends();
  answer(1, publish_result::stored);
  answer(2, publish_result::not_now);
  answer(3, publish_result::out_of_order);
  wait(100);
  check(sends(), {"2!", "3"});
  check(ends(), {"1 stored"});
}

BOOST_FIXTURE_TEST_CASE(a_refused_message_does_not_hold_up_those_behind_it, connected) {
  publish();
  publish();
  (void)sends();
  answer(1, publish_result::refused);
  answer(2, publish_result::out_of_order);
  wait(100);
  check(sends(), {"2!"});
}

BOOST_FIXTURE_TEST_CASE(what_a_lost_connection_leaves_open_is_sent_again_with_the_same_numbers, connected) {
  publish();
  publish();
  (void)sends();
  answer(1, publish_result::lost);
  answer(2, publish_result::lost);
  link(link_state::down);
  check(sends(), {});
  publish();
  link(link_state::connected);
  check(sends(), {"1!", "2", "3"});
  answer(1, publish_result::stored); // the engine knows the number
  check(ends(), {"1 stored"});
}

BOOST_FIXTURE_TEST_CASE(one_that_is_given_up_does_not_hold_up_those_behind_it, connected) {
  publish();
  wait(20'000);
  publish();
  (void)sends();
  wait(10'000);
  check(ends(), {"1 unknown"});
  answer(1, publish_result::not_now); // nobody waits for it
  answer(2, publish_result::out_of_order);
  wait(100);
  check(sends(), {"2!"});
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_never_finds_the_order_right_is_not_asked_without_a_pause, connected) {
  publish();
  (void)sends();
  answer(1, publish_result::out_of_order);
  check(sends(), {});
  wait(100);
  check(sends(), {"1!"});
}

BOOST_AUTO_TEST_SUITE_END()
