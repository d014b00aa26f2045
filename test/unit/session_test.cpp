// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>
#include <harpia/protocol/session_context.hpp>

#include "support/bytes.hpp"
#include "support/counted_memory.hpp"
#include "support/deflate_peer.hpp"
#include "support/raw_client.hpp"
#include "support/written.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace protocol = harpia::protocol;
namespace test = harpia::test;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::as_bytes;
using test::encode_frame;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr auto key = "dGhlIHNhbXBsZSBub25jZQ=="sv;

harpia::request opening(const std::vector<harpia::request::field>& extra = {}) {
  std::vector<harpia::request::field> fields{
      {"Host", "localhost"},
      {"Upgrade", "websocket"},
      {"Connection", "Upgrade"},
      {"Sec-WebSocket-Key", key},
      {"Sec-WebSocket-Version", "13"}};
  fields.insert(fields.end(), extra.begin(), extra.end());
  return {"GET", "/", fields};
}

std::string text(std::string_view payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = test::opcode::text, .payload = std::string{payload}});
}
std::string binary(std::string_view payload) {
  return encode_frame({.opcode = test::opcode::binary, .payload = std::string{payload}});
}
std::string continued(std::string_view payload, bool fin) {
  return encode_frame({.fin = fin, .opcode = test::opcode::continuation, .payload = std::string{payload}});
}
std::string control(int opcode, std::string_view payload = {}) {
  return encode_frame({.opcode = opcode, .payload = std::string{payload}});
}
std::string closing(int code, std::string_view reason = {}) {
  return control(test::opcode::close, test::encode_close(code, reason));
}

std::string shown(std::string_view what, std::string_view payload) {
  return std::string{what} + ": " + std::string{payload};
}

/// Writes down every event, and does what a test wants done inside of one.
class recorder final : public protocol::session_events {
public:
  std::vector<std::string> log;
  std::optional<harpia::error> failure;
  std::function<void(harpia::message_view)> in_message;
  std::function<void()> in_ping;
  std::function<void()> in_failed;
  std::function<void()> in_ended;

  [[nodiscard]] auto count(std::string_view begin) const {
    return std::ranges::count_if(log, [&](const auto& line) { return line.starts_with(begin); });
  }

private:
  void on_message(harpia::message_view message) override {
    log.push_back(shown(message.is_text() ? "text" : "binary", message.text()));
    if (in_message)
      in_message(message);
  }
  void on_ping(std::string_view payload) override {
    log.push_back(shown("ping", payload));
    if (in_ping)
      in_ping();
  }
  void on_pong(std::string_view payload) override { log.push_back(shown("pong", payload)); }
  void on_failed(const harpia::error& what) override {
    log.push_back(shown("failed", what.code().message()));
    failure = what;
    if (in_failed)
      in_failed();
  }
  void on_ended(close_code code, std::string_view reason) override {
    log.push_back(shown("ended " + std::to_string(static_cast<int>(code)), reason));
    if (in_ended)
      in_ended();
  }
};

const harpia::route_options plain{.high_watermark = 1 << 20, .max_buffered = 1 << 26};
const harpia::route_options deflating{
    .high_watermark = 1 << 20, .max_buffered = 1 << 26, .compression = harpia::compression::enabled, .deflate = {.threshold = 0}};

/// A session with its peer's end in the test's hands.
struct conversation {
  explicit conversation(const harpia::route_options& options = plain)
      : out{pool, options.sending()}, session{std::in_place, context, out, events, options} {}

  /// What the session has queued since.
  std::string written() { return test::take_written(out); }

  std::vector<test::frame> frames() {
    auto bytes = written();
    std::vector<test::frame> found;
    while (auto frame = test::take_frame(bytes))
      found.push_back(*std::move(frame));
    BOOST_TEST(bytes.empty(), "the session wrote half a frame");
    return found;
  }

  test::frame only_frame() {
    auto found = frames();
    BOOST_REQUIRE(found.size() == 1u);
    return found.front();
  }

  std::pair<int, std::string> only_close() { return test::decode_close(only_frame()); }

  std::string accept(const harpia::request& asked = opening(), const protocol::header_fields& fields = {}) {
    session->accept(asked, fields);
    BOOST_TEST((session->state() == ready_state::open));
    return written();
  }

  void receive(std::string_view bytes) {
    auto copy = test::copy_of_bytes(bytes);
    session->receive(copy);
  }
  void receive_byte_by_byte(std::string_view bytes) {
    for (const char& byte : bytes)
      receive({&byte, 1});
  }

  protocol::session_context context;
  protocol::buffer_pool pool;
  protocol::outbound_queue out;
  recorder events;
  std::optional<protocol::session> session;
};

struct open_conversation : conversation {
  open_conversation() { accept(); }
};

struct deflating_conversation : conversation {
  deflating_conversation() : conversation{deflating} {
    response = accept(opening({{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}}));
  }
  std::string response;
};

using lines = std::vector<std::string>;

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
  const auto response =
      peer.accept(opening(), {{"Sec-WebSocket-Protocol", "chat"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X", ""}});
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
    all.insert(all.end(), {{"Host", ""}, {"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "13"}});
    conversation peer;
    BOOST_TEST(peer.accept({"GET", "/", all}).starts_with("HTTP/1.1 101 "));
  }
}

BOOST_AUTO_TEST_CASE(before_accept_nothing_can_be_sent) {
  conversation peer;
  BOOST_TEST((peer.session->send("early"sv) == send_status::closed));
  BOOST_TEST((peer.session->send_control(protocol::opcode::ping, "") == send_status::closed));
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
  protocol::outbound_queue other_out{pool, plain.sending()};
  recorder other_events;
  protocol::session other{context, other_out, other_events, plain};
  other.accept(opening(), {});
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
  BOOST_TEST((session->send(protocol::make_frame(harpia::message_view{as_bytes("bin")})) == send_status::sent));
  BOOST_TEST((session->send_control(protocol::opcode::ping, "p") == send_status::sent));
  BOOST_TEST((session->send_control(protocol::opcode::pong, "q") == send_status::sent));
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

// Violations

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
                            text("x", false) + "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff"s + "mask", // 2^64 - 1 bytes more
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
    BOOST_TEST((peer.session->send_control(protocol::opcode::ping, "late") == send_status::closed));
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

// Closed by the peer

BOOST_AUTO_TEST_CASE(a_peers_close_is_told_and_its_code_sent_back) {
  for (const int code : {1000, 1001, 1003, 1007, 1011, 1012, 1013, 3000, 4999}) {
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

BOOST_AUTO_TEST_CASE(a_malformed_close_is_a_violation) {
  check_protocol_violation(control(test::opcode::close, "\x03"));
  check_protocol_violation(closing(1000, "\xff"));
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999})
    check_protocol_violation(closing(code));
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

BOOST_AUTO_TEST_CASE(sessions_that_close_take_no_engines_unless_they_are_within_a_message) {
  constexpr std::size_t count = 100;
  constexpr std::size_t of_engine = 2048; // what one takes at least, beside what the loop shares
  std::vector<std::unique_ptr<open_conversation>> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(std::make_unique<open_conversation>());
  const auto close_all = [&](auto odd) {
    const test::memory_watch memory;
    for (const auto& each : all) {
      odd(*each);
      each->session->close(close_code::going_away, "bye");
      BOOST_TEST(each->only_close().first == 1001);
    }
    return memory.most();
  };
  BOOST_TEST(close_all([](auto&) {}) < count * of_engine / 4);
  for (const auto& each : all) {
    each->receive(test::encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1001)}));
    BOOST_TEST(each->events.log.back() == "ended 1001: bye");
  }
  for (auto& each : all)
    each = std::make_unique<open_conversation>();
  const auto with_engines = close_all([](auto& each) { // else what is measured would not show an engine
    each.receive(test::encode_frame({.fin = false, .payload = "begun"}));
  });
  BOOST_TEST(with_engines > count * of_engine);
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
  BOOST_TEST((peer.session->send(protocol::make_frame("late"sv)) == send_status::closed));
  BOOST_TEST((peer.session->send_control(protocol::opcode::ping, "late") == send_status::closed));
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
  const harpia::error why{errc::idle_timeout, "silence"};
  peer.session->abort(&why);
  peer.session->abort(&why);
  BOOST_REQUIRE(peer.events.log.size() == 2u);
  BOOST_TEST(peer.events.failure.value().what() == "silence");
  BOOST_TEST(peer.events.log.back() == "ended 1006: ");
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

BOOST_AUTO_TEST_CASE(a_compressed_session_may_be_destroyed_at_any_point) {
  const auto script = compressed_frame(std::string(10'000, 'x')) + control(test::opcode::ping) + compressed_frame("half");
  for (std::size_t size = 0; size <= script.size(); ++size) {
    deflating_conversation peer;
    peer.receive(std::string_view{script}.substr(0, size));
    peer.session->send("unwritten"sv);
    peer.session.reset();
  }
}

// Compression

BOOST_FIXTURE_TEST_CASE(compression_is_agreed_on_without_context_takeover, deflating_conversation) {
  BOOST_TEST(response.find("\r\nSec-WebSocket-Extensions: permessage-deflate") != std::string::npos);
  BOOST_TEST(response.find("server_no_context_takeover") != std::string::npos);
  BOOST_TEST(response.find("client_no_context_takeover") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(compression_needs_both_sides) {
  conversation not_enabled;
  const auto refused = not_enabled.accept(opening({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  BOOST_TEST(refused.find("Sec-WebSocket-Extensions") == std::string::npos);
  not_enabled.session->send(std::string_view{std::string(1000, 'x')});
  BOOST_TEST(!not_enabled.only_frame().rsv1);

  for (const auto& offer : {std::vector<harpia::request::field>{},
                            {{"Sec-WebSocket-Extensions", "x-other"}},
                            {{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=99"}}}) {
    conversation not_offered{deflating};
    const auto response = not_offered.accept(opening(offer));
    BOOST_TEST(response.find("permessage-deflate") == std::string::npos);
    not_offered.session->send("plain"sv);
    BOOST_TEST(not_offered.only_frame().payload == "plain");
  }
}

BOOST_AUTO_TEST_CASE(an_offer_is_found_among_others) {
  conversation peer{deflating};
  const auto response =
      peer.accept(opening({{"Sec-WebSocket-Extensions", "x-other, x-more"}, {"Sec-WebSocket-Extensions", "permessage-deflate"}}));
  BOOST_TEST(response.find("permessage-deflate") != std::string::npos);
  BOOST_TEST(response.find("x-other") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_window_that_cannot_be_kept_to_is_declined_and_what_is_offered_beside_it_is_not) {
  const auto answer_to = [](const std::string& offers) {
    conversation peer{deflating};
    return peer.accept(opening({{"Sec-WebSocket-Extensions", offers}}));
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
    BOOST_TEST((session->send(protocol::make_frame(harpia::message_view{as_bytes(payload)})) == send_status::sent));
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
  BOOST_TEST((events.failure.value().code() == harpia::error_condition::peer_fault));
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
  peer.accept(opening({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
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

BOOST_AUTO_TEST_SUITE_END()
