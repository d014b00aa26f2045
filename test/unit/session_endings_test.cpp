// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "session_conversation.hpp"

#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::encode_frame;

using namespace test::sessions;
using test::lines;
using namespace std::string_literals;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(session_endings)

// Closed by the peer

BOOST_AUTO_TEST_CASE(a_peers_close_is_told_and_its_code_sent_back) {
  for (const int code : {1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999}) {
    open_conversation peer;
    peer.receive(text("last") + closing(code, "caf\xc3\xa9") + text("after"));
    const lines expected{"text: last", "ended " + std::to_string(code) + ": caf\xc3\xa9"};
    BOOST_TEST(peer.events.log == expected, boost::test_tools::per_element());
    BOOST_TEST(peer.only_close().first == code);
    BOOST_TEST((peer.session->state() == ready_state::closed));
  }
}

BOOST_AUTO_TEST_CASE(a_close_without_a_code_is_no_status) {
  open_conversation peer;
  peer.receive_byte_by_byte(control(test::opcode::close));
  BOOST_TEST(peer.events.log == lines{"ended 1005: "}, boost::test_tools::per_element());
  BOOST_TEST(peer.only_frame().opcode == test::opcode::close);
}

BOOST_AUTO_TEST_CASE(a_close_reason_may_fill_its_frame) {
  open_conversation peer;
  peer.receive(closing(1000, std::string(123, 'r')));
  BOOST_TEST(peer.events.log == lines{"ended 1000: " + std::string(123, 'r')}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_close_between_fragments_ends_it_without_the_message) {
  open_conversation peer;
  peer.receive(text("half", false) + closing(1000));
  BOOST_TEST(peer.events.log == lines{"ended 1000: "}, boost::test_tools::per_element());
}

// Closed by this side

BOOST_AUTO_TEST_CASE(close_sends_its_code_and_reason_and_waits_for_the_answer) {
  open_conversation peer;
  peer.session->send("last"sv);
  peer.session->close(close_code{4001}, "enough");
  BOOST_TEST((peer.session->state() == ready_state::closing));
  BOOST_TEST(peer.events.log.empty());
  const auto sent = peer.frames();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST(sent[0].payload == "last");
  BOOST_TEST((test::decode_close(sent[1]) == std::pair{4001, "enough"s}));

  peer.receive(closing(4001));
  BOOST_TEST(peer.events.log == lines{"ended 4001: enough"}, boost::test_tools::per_element());
  BOOST_TEST((peer.session->state() == ready_state::closed));
  BOOST_TEST(peer.written() == "");
}

BOOST_AUTO_TEST_CASE(only_the_first_close_counts) {
  open_conversation peer;
  peer.session->close(close_code::normal, "first");
  peer.session->close(close_code::going_away, "second");
  BOOST_TEST((peer.only_close() == std::pair{1000, "first"s}));
  peer.receive(closing(1000) + closing(1001));
  BOOST_TEST(peer.events.log == lines{"ended 1000: first"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_can_be_sent_after_close) {
  open_conversation peer;
  peer.session->close(close_code::normal, {});
  BOOST_TEST(peer.only_close().first == 1000);
  BOOST_TEST((peer.session->send("late"sv) == send_status::closed));
  BOOST_TEST((peer.session->send(websocket::make_frame("late"sv)) == send_status::closed));
  BOOST_TEST((peer.session->send_control(websocket::opcode::ping, "late") == send_status::closed));
  BOOST_TEST(peer.written() == "");
}

BOOST_AUTO_TEST_CASE(messages_that_come_after_close_are_discarded) {
  for (const bool at_once : {true, false}) {
    open_conversation peer;
    peer.receive(text("half", false));
    peer.session->close(close_code::normal, "bye");
    peer.written();
    const auto rest = continued(" whole", true) + text("a") + binary(std::string(100'000, 'x')) + closing(1000);
    at_once ? peer.receive(rest) : peer.receive_byte_by_byte(rest);
    BOOST_TEST(peer.events.log == lines{"ended 1000: bye"}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(when_both_sides_close_at_once_the_first_frame_counts) {
  open_conversation peer;
  peer.session->close(close_code::going_away, "ours");
  peer.receive(closing(4000, "theirs")); // was on its way already
  BOOST_TEST(peer.events.log == lines{"ended 1001: ours"}, boost::test_tools::per_element());
  BOOST_TEST((peer.only_close() == std::pair{1001, "ours"s}));
}

BOOST_AUTO_TEST_CASE(close_may_be_called_from_inside_a_message) {
  open_conversation peer;
  peer.events.in_message = [&](harpia::message_view) {
    peer.session->send("last"sv);
    peer.session->close(close_code{4000}, "inside");
  };
  peer.receive(text("a") + text("b"));
  BOOST_TEST(peer.events.log == lines{"text: a"}, boost::test_tools::per_element());
  const auto sent = peer.frames();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST((test::decode_close(sent[1]) == std::pair{4000, "inside"s}));
  peer.receive(text("c") + closing(4000));
  BOOST_TEST((peer.events.log == lines{"text: a", "ended 4000: inside"}));
}

BOOST_AUTO_TEST_CASE(close_may_be_called_from_inside_a_ping) {
  open_conversation peer;
  peer.events.in_ping = [&] { peer.session->close(close_code::normal, {}); };
  peer.receive(control(test::opcode::ping, "p") + text("discarded") + closing(1000));
  BOOST_TEST((peer.events.log == lines{"ping: p", "ended 1000: "}));
  BOOST_TEST(test::decode_close(peer.frames().front()).first == 1000);
}

BOOST_AUTO_TEST_CASE(garbage_instead_of_an_answer_to_close_ends_the_session) {
  open_conversation peer;
  peer.session->close(close_code::normal, "bye");
  peer.written();
  peer.receive(encode_frame({.opcode = 3}, std::nullopt));
  BOOST_TEST(peer.events.log == lines{"ended 1000: bye"}, boost::test_tools::per_element());
}

// Cut

BOOST_AUTO_TEST_CASE(an_end_without_a_close_frame_is_a_lost_connection) {
  for (const auto& before : {""s, text("whole"), text("half", false), text("cut off").substr(0, 3), "\x81"s}) {
    open_conversation peer;
    peer.receive(before);
    peer.events.log.clear();
    peer.session->receive_end({});
    BOOST_REQUIRE(peer.events.log.size() == 2u);
    BOOST_TEST((peer.events.failure.value().code() == errc::connection_lost));
    BOOST_TEST(peer.events.log.back() == "ended 1006: ");
    BOOST_TEST((peer.session->state() == ready_state::closed));
    BOOST_TEST(peer.written() == "");
    peer.session->receive_end({});
    BOOST_TEST(peer.events.log.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_read_error_is_told_with_what_the_system_says) {
  open_conversation peer;
  peer.session->receive_end(std::make_error_code(std::errc::connection_reset));
  BOOST_REQUIRE(peer.events.log.size() == 2u);
  BOOST_TEST((peer.events.failure.value().code() == errc::read_failed));
  BOOST_TEST(peer.events.failure->what().find(std::system_category().message(ECONNRESET)) != std::string::npos);
  BOOST_TEST(peer.events.log.back() == "ended 1006: ");
}

BOOST_AUTO_TEST_CASE(a_peer_that_goes_instead_of_answering_close_is_no_failure) {
  for (const auto reason : {std::error_code{}, std::make_error_code(std::errc::connection_reset)}) {
    open_conversation peer;
    peer.session->close(close_code::going_away, {});
    peer.session->receive_end(reason);
    BOOST_TEST(peer.events.log == lines{"ended 1001: "}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(abort_ends_it_at_once_without_a_close_frame) {
  open_conversation peer;
  peer.session->send("lost"sv);
  peer.session->abort();
  peer.session->abort();
  BOOST_TEST(peer.events.log == lines{"ended 1006: "}, boost::test_tools::per_element());
  BOOST_TEST(peer.written() == "");
}

BOOST_AUTO_TEST_CASE(abort_after_close_tells_what_was_sent) {
  open_conversation peer;
  peer.session->close(close_code::going_away, "bye");
  peer.session->abort();
  BOOST_TEST(peer.events.log == lines{"ended 1001: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(abort_may_be_called_from_inside_a_message) {
  open_conversation peer;
  peer.events.in_message = [&](harpia::message_view) { peer.session->abort(); };
  peer.receive(text("a") + text("b") + closing(1000));
  BOOST_TEST((peer.events.log == lines{"text: a", "ended 1006: "}));
  BOOST_TEST(peer.written() == "");
}

BOOST_AUTO_TEST_SUITE_END()
