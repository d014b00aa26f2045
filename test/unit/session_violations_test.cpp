// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "session_conversation.hpp"

#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::encode_frame;

namespace {

using namespace test::sessions;
using namespace std::string_literals;
using namespace std::string_view_literals;

void check_violation(std::string_view bytes, errc code, close_code sent) {
  for (const bool at_once : {true, false}) {
    open_conversation peer;
    at_once ? peer.receive(bytes) : peer.receive_byte_by_byte(bytes);
    BOOST_TEST_INFO_SCOPE((at_once ? "at once" : "byte by byte"));
    BOOST_REQUIRE(peer.events.log.size() >= 2u);
    BOOST_TEST(peer.events.count("failed") == 1);
    BOOST_TEST(peer.events.count("ended") == 1);
    BOOST_TEST(peer.events.log.end()[-2].starts_with("failed"));
    BOOST_TEST(peer.events.log.back() == "ended " + std::to_string(static_cast<int>(sent)) + ": ");
    BOOST_TEST((peer.events.failure.value().code() == code), peer.events.failure->what());
    BOOST_TEST(peer.only_close().first == static_cast<int>(sent));
    BOOST_TEST((peer.session->state() == ready_state::closed));

    const auto before = peer.events.log;
    peer.receive(text("more"));
    peer.session->receive_end({});
    peer.session->close(close_code::normal, "bye");
    peer.session->abort();
    BOOST_TEST(peer.events.log == before, boost::test_tools::per_element());
    BOOST_TEST((peer.session->send("more"sv) == send_status::closed));
    BOOST_TEST(peer.written() == "");
  }
}

void check_protocol_violation(std::string_view bytes) {
  check_violation(bytes, errc::protocol_violation, close_code::protocol_error);
}

/// A client's frame with its first byte changed.
std::string with_first_byte(std::string bytes, unsigned first) {
  bytes[0] = static_cast<char>(first);
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_violations)

BOOST_AUTO_TEST_CASE(an_unmasked_frame_is_a_violation) {
  check_protocol_violation(encode_frame({.payload = "hello"}, std::nullopt));
  check_protocol_violation(encode_frame({.opcode = test::opcode::ping}, std::nullopt));
}

BOOST_AUTO_TEST_CASE(reserved_bits_are_violations) {
  check_protocol_violation(encode_frame({.rsv1 = true, .payload = "hello"}));
  check_protocol_violation(with_first_byte(text("hello"), 0xA1));
  check_protocol_violation(with_first_byte(text("hello"), 0x91));
  check_protocol_violation(with_first_byte(control(test::opcode::ping), 0xC9));
}

BOOST_AUTO_TEST_CASE(unknown_opcodes_are_violations) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    check_protocol_violation(encode_frame({.opcode = opcode}));
}

BOOST_AUTO_TEST_CASE(control_frames_must_be_short_and_whole) {
  for (const int opcode : {test::opcode::close, test::opcode::ping, test::opcode::pong}) {
    check_protocol_violation(encode_frame({.opcode = opcode, .payload = "\x03\xe8" + std::string(124, 'x')}));
    check_protocol_violation(encode_frame({.fin = false, .opcode = opcode}));
  }
}

BOOST_AUTO_TEST_CASE(fragments_must_follow_one_another) {
  check_protocol_violation(continued("no beginning", true));
  check_protocol_violation(continued("no beginning", false));
  check_protocol_violation(text("a", false) + text("b"));
  check_protocol_violation(text("a", false) + binary("b"));
  check_protocol_violation(text("a") + continued("b", true));
}

BOOST_AUTO_TEST_CASE(a_length_must_be_in_its_shortest_form) {
  check_protocol_violation("\x81\xfe\x00\x7d"s + std::string(4 + 125, '\0'));
  check_protocol_violation("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + std::string(4 + 65535, '\0'));
  check_protocol_violation("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00mask"s); // RFC 6455, 5.2: the most significant bit is 0
  check_protocol_violation("\x88\xfe\x00\x00"s + std::string(4, '\0'));
  check_protocol_violation("\x89\xff\x00\x00\x00\x00\x00\x00\x00\x00"s + std::string(4, '\0'));
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf_8_is_a_violation) {
  const auto check = [](std::string_view bytes) { check_violation(bytes, errc::invalid_text, close_code::invalid_payload); };
  for (const auto* payload : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "ok \x80", "\xe2\x82"})
    check(text(payload));
  check(text("\xc3", false) + continued("(", true));
  check(text("fine", false) + continued("\xe2\x82", true));
  check(text("\xff", false) + continued("never looked at", true));
}

BOOST_AUTO_TEST_CASE(a_message_over_max_payload_is_a_violation) {
  const auto options = harpia::route_options{.max_payload = 1000};
  {
    conversation peer{options};
    peer.accept();
    peer.receive(text(std::string(1000, 'x')) + text(std::string(500, 'x'), false) + continued(std::string(500, 'x'), true));
    BOOST_TEST(peer.events.count("text") == 2);
  }
  for (const auto& bytes : {text(std::string(1001, 'x')), binary(std::string(100'000, 'x')),
                            text(std::string(500, 'x'), false) + continued(std::string(501, 'x'), true),
                            text("x", false) + "\x00\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "mask", // 2^63 - 1 bytes more
                            "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "mask"}) {
    conversation peer{options};
    peer.accept();
    peer.receive(bytes);
    BOOST_REQUIRE(peer.events.log.size() == 2u);
    BOOST_TEST((peer.events.failure.value().code() == errc::message_too_big));
    BOOST_TEST(peer.events.log.back() == "ended 1009: ");
    BOOST_TEST(peer.only_close().first == 1009);
  }
}

BOOST_AUTO_TEST_CASE(what_came_before_a_violation_is_delivered_and_what_follows_is_not) {
  open_conversation peer;
  peer.receive(text("before") + encode_frame({.opcode = 3}) + text("after"));
  BOOST_REQUIRE(peer.events.log.size() == 3u);
  BOOST_TEST(peer.events.log[0] == "text: before");
  BOOST_TEST(peer.events.log[2] == "ended 1002: ");
}

BOOST_AUTO_TEST_CASE(handlers_of_an_ending_may_call_anything) {
  open_conversation peer;
  const auto everything = [&] {
    BOOST_TEST((peer.session->state() == ready_state::closed));
    BOOST_TEST((peer.session->send("late"sv) == send_status::closed));
    BOOST_TEST((peer.session->send_control(websocket::opcode::ping, "late") == send_status::closed));
    peer.session->close(close_code::normal, "late");
    peer.session->abort();
    peer.receive(text("late"));
    peer.session->receive_end({});
  };
  peer.events.in_failed = everything;
  peer.events.in_ended = everything;
  peer.receive(encode_frame({.opcode = 3}) + text("after"));
  BOOST_TEST(peer.events.log.size() == 2u);
  BOOST_TEST(peer.only_close().first == 1002);
}

BOOST_AUTO_TEST_CASE(a_malformed_close_is_a_violation) {
  check_protocol_violation(control(test::opcode::close, "\x03"));
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    check_protocol_violation(closing(code));
  check_violation(closing(1000, "\xff"), errc::invalid_text, close_code::invalid_payload);
}

BOOST_AUTO_TEST_SUITE_END()
