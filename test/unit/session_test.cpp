// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "session_conversation.hpp"

#include "support/bytes.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::ready_state;
using harpia::send_status;
using test::as_bytes;

using namespace test::sessions;
using test::lines;
using namespace std::string_literals;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(session)

// Opening

BOOST_AUTO_TEST_CASE(accept_answers_101_with_the_key_of_the_rfc) {
  conversation peer;
  BOOST_TEST((peer.session->state() != ready_state::open));
  const auto response = peer.accept();
  BOOST_TEST(response.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  BOOST_TEST(response.ends_with("\r\n\r\n"));
  BOOST_TEST(response.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  BOOST_TEST(response.find("\r\nUpgrade: websocket\r\n") != std::string::npos);
  BOOST_TEST(response.find("\r\nConnection: upgrade\r\n") != std::string::npos);
  BOOST_TEST(response.find("Sec-WebSocket-Extensions") == std::string::npos);
  BOOST_TEST(response.find("Beast") == std::string::npos);
  BOOST_TEST(peer.events.log.empty());
}

BOOST_AUTO_TEST_CASE(accept_adds_the_fields_it_is_given) {
  conversation peer;
  const auto response = peer.accept(
      test::opening_request(), {{"Sec-WebSocket-Protocol", "chat"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X", ""}});
  BOOST_TEST(response.find("\r\nSec-WebSocket-Protocol: chat\r\n") != std::string::npos);
  BOOST_TEST(response.find("\r\nSet-Cookie: a=1\r\n") != std::string::npos);
  BOOST_TEST(response.find("\r\nSet-Cookie: b=2\r\n") != std::string::npos);
  BOOST_TEST(response.find("\r\nX: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_check_upgrade_lets_pass_is_accepted) {
  for (const std::vector<harpia::request::field>& fields : {
           std::vector<harpia::request::field>{{"Connection", "keep-alive"}, {"Connection", "Upgrade"}, {"Upgrade", "websocket"}},
           std::vector<harpia::request::field>{
               {"Connection", "keep-alive, upgrade"}, {"Upgrade", "h2c"}, {"Upgrade", "WebSocket"}},
           std::vector<harpia::request::field>{{"Connection", ",Upgrade,"}, {"Upgrade", "h2c/1, websocket"}},
       }) {
    auto all = fields;
    all.insert(all.end(), {{"Host", ""}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, {"Sec-WebSocket-Version", "13"}});
    conversation peer;
    BOOST_TEST(peer.accept({"GET", "/", all}).starts_with("HTTP/1.1 101 "));
  }
}

BOOST_AUTO_TEST_CASE(before_accept_nothing_can_be_sent) {
  conversation peer;
  BOOST_TEST((peer.session->send("early"sv) == send_status::closed));
  BOOST_TEST((peer.session->send_control(websocket::opcode::ping, "") == send_status::closed));
  peer.session->close(close_code::normal, {});
  BOOST_TEST(peer.written() == "");
}

// Receiving

BOOST_FIXTURE_TEST_CASE(text_and_binary_are_told_apart, open_conversation) {
  receive(text("caf\xc3\xa9"));
  receive(binary("\0\xff"sv));
  const lines expected{"text: caf\xc3\xa9", "binary: \0\xff"s};
  BOOST_TEST(events.log == expected, boost::test_tools::per_element());
  BOOST_TEST(written() == "");
}

BOOST_FIXTURE_TEST_CASE(empty_messages_are_messages, open_conversation) {
  receive(text("") + binary("") + text("", false) + continued("", false) + continued("", true));
  const lines expected{"text: ", "binary: ", "text: "};
  BOOST_TEST(events.log == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(several_frames_may_come_at_once_and_keep_their_order, open_conversation) {
  receive(text("a") + control(test::opcode::ping, "p") + binary("b") + control(test::opcode::pong, "q") + text("c"));
  const lines expected{"text: a", "ping: p", "binary: b", "pong: q", "text: c"};
  BOOST_TEST(events.log == expected, boost::test_tools::per_element());
  const auto answer = only_frame();
  BOOST_TEST(answer.opcode == test::opcode::pong);
  BOOST_TEST(answer.payload == "p");
}

BOOST_FIXTURE_TEST_CASE(frames_may_come_a_byte_at_a_time, open_conversation) {
  const std::string medium(300, 'm');
  receive_byte_by_byte(text("a") + binary(medium) + control(test::opcode::ping, "p") + text("b", false) + continued("c", true));
  const lines expected{"text: a", "binary: " + medium, "ping: p", "text: bc"};
  BOOST_TEST(events.log == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(control_frames_may_come_between_fragments, open_conversation) {
  receive(text("one ", false));
  receive(control(test::opcode::ping, "p"));
  BOOST_TEST(only_frame().opcode == test::opcode::pong);
  receive(continued("two ", false) + control(test::opcode::pong));
  receive(continued("three", true));
  const lines expected{"ping: p", "pong: ", "text: one two three"};
  BOOST_TEST(events.log == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_character_may_be_split_between_fragments_and_pieces, open_conversation) {
  receive_byte_by_byte(text("\xf0\x9f", false) + continued("\x98", false) + continued("\x80", true));
  const std::string large =
      std::string((64 << 10) - 1, 'x') + "\xe2\x82\xac" + std::string(100'000, 'y'); // over the scratch's end
  receive(text(large));
  BOOST_TEST(events.log.at(0) == "text: \xf0\x9f\x98\x80");
  BOOST_TEST((events.log.at(1) == "text: " + large));
}

BOOST_AUTO_TEST_CASE(messages_of_every_length_form_arrive_whole) {
  for (const std::size_t size : {125u, 126u, 4095u, 4096u, 65535u, 65536u, 65537u, 1u << 20}) {
    open_conversation peer;
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
      payload[i] = static_cast<char>(i * 31);
    const auto bytes = binary(payload);
    for (std::size_t at = 0; at < bytes.size(); at += 10'007)
      peer.receive(std::string_view{bytes}.substr(at, 10'007));
    BOOST_TEST((peer.events.log == lines{"binary: " + payload}), size << " bytes");
  }
}

BOOST_FIXTURE_TEST_CASE(sessions_that_share_a_context_do_not_mix_their_halves, open_conversation) {
  recorder other_events;
  test::timeless_session other{context, other_events, plain};
  other.accept(test::opening_request(), {});
  const auto first = text(std::string(1000, 'a'));
  const auto second = text(std::string(1000, 'b'));
  for (std::size_t i = 0; i < first.size(); i += 7) {
    receive(std::string_view{first}.substr(i, 7));
    auto piece = test::copy_of_bytes(std::string_view{second}.substr(i, 7));
    other.receive(piece);
  }
  BOOST_TEST((events.log == lines{"text: " + std::string(1000, 'a')}));
  BOOST_TEST((other_events.log == lines{"text: " + std::string(1000, 'b')}));
}

// Sending

BOOST_FIXTURE_TEST_CASE(messages_frames_and_controls_are_sent_in_order, open_conversation) {
  BOOST_TEST((session->send("text"sv) == send_status::sent));
  BOOST_TEST((session->send(websocket::make_frame(harpia::message_view{as_bytes("bin")})) == send_status::sent));
  BOOST_TEST((session->send_control(websocket::opcode::ping, "p") == send_status::sent));
  BOOST_TEST((session->send_control(websocket::opcode::pong, "q") == send_status::sent));
  const auto sent = frames();
  BOOST_REQUIRE(sent.size() == 4u);
  const std::array expected{std::pair{1, "text"sv}, std::pair{2, "bin"sv}, std::pair{9, "p"sv}, std::pair{10, "q"sv}};
  for (std::size_t i = 0; i < sent.size(); ++i) {
    BOOST_TEST(sent[i].opcode == expected[i].first);
    BOOST_TEST(sent[i].payload == expected[i].second);
    BOOST_TEST(sent[i].fin);
    BOOST_TEST(!sent[i].rsv1);
  }
}

BOOST_AUTO_TEST_CASE(what_the_queue_has_no_room_for_is_dropped) {
  conversation peer{{.high_watermark = 10, .low_watermark = 0, .max_buffered = 10}};
  peer.accept();
  BOOST_TEST((peer.session->send("123456"sv) == send_status::sent));
  BOOST_TEST((peer.session->send("123456"sv) == send_status::dropped));
  BOOST_TEST((peer.session->state() == ready_state::open));
  BOOST_TEST(peer.only_frame().payload == "123456");
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_be_sent_from_inside_a_message, open_conversation) {
  events.in_message = [&](harpia::message_view message) { session->send(message); };
  receive(text("a") + control(test::opcode::ping, "p") + binary("b"));
  const auto sent = frames();
  BOOST_REQUIRE(sent.size() == 3u);
  BOOST_TEST(sent[0].payload == "a");
  BOOST_TEST(sent[1].opcode == test::opcode::pong);
  BOOST_TEST(sent[2].payload == "b");
  BOOST_TEST(sent[2].opcode == test::opcode::binary);
}

BOOST_FIXTURE_TEST_CASE(a_ping_is_answered_with_what_it_carried, open_conversation) {
  for (const std::size_t size : {0u, 1u, 125u}) {
    receive(control(test::opcode::ping, std::string(size, 'p')));
    const auto answer = only_frame();
    BOOST_TEST(answer.opcode == test::opcode::pong);
    BOOST_TEST(answer.payload == std::string(size, 'p'));
  }
}

BOOST_FIXTURE_TEST_CASE(a_pong_nobody_asked_for_is_not_answered, open_conversation) {
  receive(control(test::opcode::pong, "unasked"));
  BOOST_TEST(events.log == lines{"pong: unasked"}, boost::test_tools::per_element());
  BOOST_TEST(written() == "");
}

// Destruction

BOOST_AUTO_TEST_CASE(a_session_may_be_destroyed_at_any_point) { // the sanitizer finds what leaks
  const auto script = text("a") + text("half", false) + control(test::opcode::ping, "p") + continued("whole", true)
                      + binary(std::string(70'000, 'x')).substr(0, 40) + closing(1000);
  for (std::size_t size = 0; size <= script.size(); ++size) {
    for (const int then : {0, 1, 2}) {
      open_conversation peer;
      peer.receive(std::string_view{script}.substr(0, size));
      if (then == 1)
        peer.session->close(close_code::normal, "bye");
      if (then == 2)
        peer.session->receive_end({});
      const auto told = peer.events.log;
      peer.session.reset();
      BOOST_TEST((peer.events.log == told)); // destruction tells nothing
    }
  }
  conversation never_opened;
  never_opened.session.reset();
}

BOOST_AUTO_TEST_SUITE_END()
