// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "session_conversation.hpp"

#include "support/bytes.hpp"
#include "support/deflate_peer.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// That compression is agreed on, and what a session makes of it then. What else may be agreed on: deflate_agreement, deflated_session.

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::errc;
using harpia::send_status;
using test::as_bytes;
using test::encode_frame;

namespace {

using namespace test::sessions;
using test::lines;
using namespace std::string_literals;
using namespace std::string_view_literals;

const harpia::route_options deflating{
    .high_watermark = 1 << 20, .max_buffered = 1 << 26, .compression = harpia::compression::enabled, .deflate = {.threshold = 0}};

struct deflating_conversation : conversation {
  deflating_conversation() : conversation{deflating} {
    response = accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}}));
  }
  std::string response;
};

/// A message in raw deflate, as RFC 7692, 7.2.1 wants it.
std::string deflated(std::string_view payload) {
  return test::deflate_peer{}.deflated(payload);
}

std::string inflated(const std::string& bytes) {
  return test::deflate_peer{}.inflated(bytes);
}

std::string compressed_frame(std::string_view payload, int opcode = test::opcode::text) {
  return encode_frame({.rsv1 = true, .opcode = opcode, .payload = deflated(payload)});
}

/// The message in a frame, compressed or not.
std::string content(const test::frame& frame) {
  return frame.rsv1 ? inflated(frame.payload) : frame.payload;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_compression)

BOOST_FIXTURE_TEST_CASE(compression_is_agreed_on_without_context_takeover, deflating_conversation) {
  BOOST_TEST(response.find("\r\nSec-WebSocket-Extensions: permessage-deflate") != std::string::npos);
  BOOST_TEST(response.find("server_no_context_takeover") != std::string::npos);
  BOOST_TEST(response.find("client_no_context_takeover") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(compression_needs_both_sides) {
  conversation not_enabled;
  const auto refused = not_enabled.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  BOOST_TEST(refused.find("Sec-WebSocket-Extensions") == std::string::npos);
  not_enabled.session->send(std::string_view{std::string(1000, 'x')});
  BOOST_TEST(!not_enabled.only_frame().rsv1);

  for (const auto& offer : {std::vector<harpia::request::field>{},
                            {{"Sec-WebSocket-Extensions", "x-other"}},
                            {{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=99"}}}) {
    conversation not_offered{deflating};
    const auto response = not_offered.accept(test::opening_request(offer));
    BOOST_TEST(response.find("permessage-deflate") == std::string::npos);
    not_offered.session->send("plain"sv);
    BOOST_TEST(not_offered.only_frame().payload == "plain");
  }
}

BOOST_AUTO_TEST_CASE(an_offer_is_found_among_others) {
  conversation peer{deflating};
  const auto response = peer.accept(test::opening_request(
      {{"Sec-WebSocket-Extensions", "x-other, x-more"}, {"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  BOOST_TEST(response.find("permessage-deflate") != std::string::npos);
  BOOST_TEST(response.find("x-other") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_window_that_cannot_be_kept_to_is_declined_and_what_is_offered_beside_it_is_not) {
  const auto answer_to = [](const std::string& offers) {
    conversation peer{deflating};
    return peer.accept(test::opening_request({{"Sec-WebSocket-Extensions", offers}}));
  };
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits=8").find("permessage-deflate") == std::string::npos);
  const auto second = answer_to(
      "permessage-deflate; Server_Max_Window_Bits=\"8\", permessage-deflate; server_max_window_bits=10; client_max_window_bits");
  BOOST_TEST(second.find("server_max_window_bits=10") != std::string::npos);
  BOOST_TEST(second.find("server_max_window_bits=9") == std::string::npos);
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits=9").find("server_max_window_bits=9") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(compressed_messages_are_inflated, deflating_conversation) {
  const std::string large(100'000, 'x');
  receive(compressed_frame("hello") + compressed_frame(large, test::opcode::binary));
  receive_byte_by_byte(compressed_frame(large) + compressed_frame(""));
  BOOST_TEST((events.log == lines{"text: hello", "binary: " + large, "text: " + large, "text: "}));
}

BOOST_FIXTURE_TEST_CASE(a_compressed_message_may_be_fragmented, deflating_conversation) {
  const std::string payload = "abc abc abc abc abc abc abc abc caf\xc3\xa9";
  const auto bytes = deflated(payload);
  receive(encode_frame({.fin = false, .rsv1 = true, .payload = bytes.substr(0, 5)}) + control(test::opcode::ping)
          + continued(bytes.substr(5, 3), false) + continued(bytes.substr(8), true));
  BOOST_TEST((events.log == lines{"ping: ", "text: " + payload}));
}

BOOST_FIXTURE_TEST_CASE(uncompressed_messages_are_still_taken, deflating_conversation) {
  receive(text("plain") + compressed_frame("compressed") + binary("plain"));
  BOOST_TEST((events.log == lines{"text: plain", "text: compressed", "binary: plain"}));
}

BOOST_FIXTURE_TEST_CASE(what_is_sent_comes_back_out_of_inflate, deflating_conversation) {
  std::string noise(200'000, '\0');
  unsigned state = 1;
  for (auto& byte : noise)
    byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (const auto& payload : {""s, "hello"s, std::string(1 << 20, 'x'), noise}) {
    BOOST_TEST((session->send(harpia::message_view{as_bytes(payload)}) == send_status::sent));
    BOOST_TEST((content(only_frame()) == payload), payload.size() << " bytes");
    BOOST_TEST((session->send(websocket::make_frame(harpia::message_view{as_bytes(payload)})) == send_status::sent));
    BOOST_TEST((content(only_frame()) == payload), payload.size() << " bytes, shared");
  }
  session->send("text text text text"sv);
  const auto sent = only_frame();
  BOOST_TEST(sent.rsv1);
  BOOST_TEST(sent.opcode == test::opcode::text);
  BOOST_TEST(content(sent) == "text text text text");
}

BOOST_FIXTURE_TEST_CASE(an_echo_of_compressed_messages_keeps_their_order, deflating_conversation) {
  events.in_message = [&](harpia::message_view message) { session->send(message); };
  receive(compressed_frame("one") + control(test::opcode::ping, "p") + compressed_frame("two"));
  const auto sent = frames();
  BOOST_REQUIRE(sent.size() == 3u);
  BOOST_TEST(content(sent[0]) == "one");
  BOOST_TEST(sent[1].opcode == test::opcode::pong);
  BOOST_TEST(content(sent[2]) == "two");
}

BOOST_FIXTURE_TEST_CASE(garbage_that_cannot_be_inflated_closes_with_1007, deflating_conversation) {
  receive(encode_frame({.rsv1 = true, .payload = "\xff\xff\xff\xff\xff\xff garbage"}) + text("after"));
  BOOST_REQUIRE(events.log.size() == 2u);
  BOOST_TEST((events.failure.value().code() == harpia::error_kind::peer_fault));
  BOOST_TEST(events.log.back() == "ended 1007: ");
  BOOST_TEST(only_close().first == 1007);
}

BOOST_FIXTURE_TEST_CASE(inflated_text_must_be_utf_8_too, deflating_conversation) {
  receive(compressed_frame("\xff\xfe"));
  BOOST_REQUIRE(events.log.size() == 2u);
  BOOST_TEST((events.failure.value().code() == errc::invalid_text));
  BOOST_TEST(only_close().first == 1007);
}

BOOST_AUTO_TEST_CASE(max_payload_holds_for_what_was_inflated) {
  auto options = deflating;
  options.max_payload = 1000;
  conversation peer{options};
  peer.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  peer.receive(compressed_frame(std::string(1000, 'x')));
  BOOST_TEST(peer.events.count("text") == 1);
  peer.receive(compressed_frame(std::string(1 << 20, 'x'))); // a kilobyte on the wire
  BOOST_TEST((peer.events.failure.value().code() == errc::message_too_big));
  BOOST_TEST(peer.only_close().first == 1009);
}

BOOST_FIXTURE_TEST_CASE(a_compressed_control_frame_is_a_violation, deflating_conversation) {
  receive(encode_frame({.rsv1 = true, .opcode = test::opcode::ping}));
  BOOST_TEST((events.failure.value().code() == errc::protocol_violation));
  BOOST_TEST(only_close().first == 1002);
}

BOOST_AUTO_TEST_CASE(a_compressed_session_may_be_destroyed_at_any_point) {
  const auto script = compressed_frame(std::string(10'000, 'x')) + control(test::opcode::ping) + compressed_frame("half");
  for (std::size_t size = 0; size <= script.size(); ++size) {
    deflating_conversation peer;
    peer.receive(std::string_view{script}.substr(0, size));
    peer.session->send("unwritten"sv);
    peer.session.reset();
  }
}

BOOST_AUTO_TEST_SUITE_END()
