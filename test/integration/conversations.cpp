// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "conversations.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::test {

namespace {

using namespace std::string_literals;

std::string data(int opcode, std::string_view payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = opcode, .payload = std::string{payload}});
}

std::string closing(int code, std::string_view reason = {}) {
  return data(opcode::close, encode_close(code, reason));
}

void expect(conversation& peer, int opcode, std::string_view payload) {
  const auto frame = peer.read();
  BOOST_REQUIRE(frame.has_value());
  BOOST_TEST(frame->fin);
  BOOST_TEST(!frame->rsv1);
  BOOST_TEST(frame->opcode == opcode);
  BOOST_TEST((frame->payload == payload), "a payload of " << frame->payload.size() << " bytes");
}

void expect_close(conversation& peer, int code, std::string_view reason = {}) {
  const auto frame = peer.read();
  BOOST_REQUIRE(frame.has_value());
  BOOST_TEST((decode_close(*frame) == std::pair{code, std::string{reason}}), "a close with code " << decode_close(*frame).first);
}

void expect_end(conversation& peer) {
  BOOST_TEST(!peer.read().has_value());
}

void expect_violation(conversation& peer, std::string_view bytes, int code) {
  peer.send(data(opcode::text, "before"));
  expect(peer, opcode::text, "before");
  peer.send(bytes);
  expect_close(peer, code);
  expect_end(peer);
}

void expect_echo(conversation& peer, int opcode, const std::string& payload) {
  peer.send(data(opcode, payload));
  expect(peer, opcode, payload);
}

// Messages

void text_comes_back(conversation& peer) {
  expect_echo(peer, opcode::text, "hello");
  expect_echo(peer, opcode::text, "caf\xc3\xa9 \xf0\x9f\x98\x80");
}

void binary_comes_back(conversation& peer) {
  expect_echo(peer, opcode::binary, "\0\xff\x80"s);
}

void empty_messages_come_back(conversation& peer) {
  expect_echo(peer, opcode::text, "");
  expect_echo(peer, opcode::binary, "");
}

void every_length_form_comes_back(conversation& peer) {
  for (const std::size_t size : {125u, 126u, 65535u, 65536u})
    expect_echo(peer, opcode::binary, std::string(size, 'x'));
}

void a_mebibyte_comes_back(conversation& peer) {
  std::string payload(1 << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 31 >> 3);
  expect_echo(peer, opcode::binary, payload);
  expect_echo(peer, opcode::text, std::string(1 << 20, 't'));
}

void messages_come_back_in_order(conversation& peer) {
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += data(opcode::text, std::to_string(i));
  peer.send(all);
  for (int i = 0; i < 1000; ++i)
    expect(peer, opcode::text, std::to_string(i));
}

void fragments_come_back_as_one_message(conversation& peer) {
  peer.send(data(opcode::text, "one ", false) + data(opcode::continuation, "", false));
  peer.send(data(opcode::continuation, "two ", false) + data(opcode::continuation, "three", true));
  expect(peer, opcode::text, "one two three");
}

void a_ping_between_fragments_is_answered_first(conversation& peer) {
  peer.send(data(opcode::binary, "one ", false) + data(opcode::ping, "p") + data(opcode::continuation, "two", true));
  expect(peer, opcode::pong, "p");
  expect(peer, opcode::binary, "one two");
}

void frames_may_come_byte_by_byte(conversation& peer) {
  const auto bytes = data(opcode::text, "caf\xc3", false) + data(opcode::ping, "p") + data(opcode::continuation, "\xa9", true)
                     + data(opcode::binary, std::string(130, 'x'));
  for (const char& byte : bytes)
    peer.send({&byte, 1});
  expect(peer, opcode::pong, "p");
  expect(peer, opcode::text, "caf\xc3\xa9");
  expect(peer, opcode::binary, std::string(130, 'x'));
}

// Ping and pong

void a_ping_is_answered_with_its_payload(conversation& peer) {
  for (const std::size_t size : {0u, 1u, 125u}) {
    peer.send(data(opcode::ping, std::string(size, 'p')));
    expect(peer, opcode::pong, std::string(size, 'p'));
  }
}

void a_pong_is_not_answered(conversation& peer) {
  peer.send(data(opcode::pong, "unasked"));
  expect_echo(peer, opcode::text, "next");
}

// Violations

void an_unmasked_frame_closes_with_1002(conversation& peer) {
  expect_violation(peer, encode_frame({.payload = "bare"}, std::nullopt), 1002);
}

void a_reserved_bit_closes_with_1002(conversation& peer) {
  expect_violation(peer, encode_frame({.rsv1 = true, .payload = "x"}), 1002);
}

void an_unknown_opcode_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(3, "x"), 1002);
}

void an_unknown_control_opcode_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(11, "x"), 1002);
}

void a_long_control_frame_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(opcode::ping, std::string(126, 'x')), 1002);
}

void a_fragmented_control_frame_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(opcode::ping, "x", false), 1002);
}

void a_stray_continuation_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(opcode::continuation, "x"), 1002);
}

void a_message_inside_a_message_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(opcode::text, "a", false) + data(opcode::text, "b"), 1002);
}

void a_malformed_close_closes_with_1002(conversation& peer) {
  expect_violation(peer, data(opcode::close, "\x03"), 1002);
}

void a_reserved_close_code_closes_with_1002(conversation& peer) {
  expect_violation(peer, closing(1005), 1002);
}

void text_that_is_not_utf_8_closes_with_1007(conversation& peer) {
  expect_violation(peer, data(opcode::text, "\xed\xa0\x80"), 1007);
}

void a_message_over_the_limit_closes_with_1009(conversation& peer) {
  expect_echo(peer, opcode::binary, std::string(echo_max_payload, 'x'));
  const std::string header = "\x82\xff\x00\x00\x00\x00\x00\x20\x00\x01mask"s; // one byte more, none of which is sent
  expect_violation(peer, header, 1009);
}

void fragments_over_the_limit_close_with_1009(conversation& peer) {
  peer.send(data(opcode::binary, std::string(echo_max_payload, 'x'), false));
  peer.send(data(opcode::continuation, "y", true));
  expect_close(peer, 1009);
  expect_end(peer);
}

// Closing

void a_close_is_answered_with_its_code(conversation& peer) {
  peer.send(closing(4321, "done"));
  expect_close(peer, 4321);
  expect_end(peer);
}

void a_close_without_a_code_is_answered(conversation& peer) {
  peer.send(data(opcode::close, ""));
  const auto answer = peer.read();
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->opcode == opcode::close);
  expect_end(peer);
}

void messages_before_a_close_are_answered_first(conversation& peer) {
  peer.send(data(opcode::text, "last") + closing(1000));
  expect(peer, opcode::text, "last");
  expect_close(peer, 1000);
  expect_end(peer);
}

void messages_behind_a_close_are_ignored(conversation& peer) {
  peer.send(closing(1000) + data(opcode::text, "late"));
  expect_close(peer, 1000);
  expect_end(peer);
}

void the_server_may_close(conversation& peer) {
  peer.send(data(opcode::text, "please close"));
  expect_close(peer, 4001, "as you wish");
  peer.send(data(opcode::text, "ignored") + closing(4001));
  expect_end(peer);
}

void both_may_close_at_once(conversation& peer) {
  peer.send(data(opcode::text, "please close") + closing(1000, "my own"));
  expect_close(peer, 4001, "as you wish");
  expect_end(peer);
}

void a_server_that_closed_takes_an_end_for_an_answer(conversation& peer) {
  peer.send(data(opcode::text, "please close"));
  expect_close(peer, 4001, "as you wish");
  peer.end();
  expect_end(peer);
}

void the_server_may_terminate(conversation& peer) {
  peer.send(data(opcode::text, "please terminate") + data(opcode::text, "late"));
  expect_end(peer);
}

void an_end_without_a_close_ends_it(conversation& peer) {
  expect_echo(peer, opcode::text, "last");
  peer.end();
  expect_end(peer);
}

void an_end_within_a_frame_ends_it(conversation& peer) {
  peer.send(data(opcode::text, "cut off").substr(0, 5));
  peer.end();
  expect_end(peer);
}

} // namespace

#define HARPIA_CASE(name)                                                                                                        \
  conversation_case {                                                                                                            \
#name, name                                                                                                                  \
  }

std::span<const conversation_case> conversation_cases() {
  static const std::array all{
      HARPIA_CASE(text_comes_back),
      HARPIA_CASE(binary_comes_back),
      HARPIA_CASE(empty_messages_come_back),
      HARPIA_CASE(every_length_form_comes_back),
      HARPIA_CASE(a_mebibyte_comes_back),
      HARPIA_CASE(messages_come_back_in_order),
      HARPIA_CASE(fragments_come_back_as_one_message),
      HARPIA_CASE(a_ping_between_fragments_is_answered_first),
      HARPIA_CASE(frames_may_come_byte_by_byte),
      HARPIA_CASE(a_ping_is_answered_with_its_payload),
      HARPIA_CASE(a_pong_is_not_answered),
      HARPIA_CASE(an_unmasked_frame_closes_with_1002),
      HARPIA_CASE(a_reserved_bit_closes_with_1002),
      HARPIA_CASE(an_unknown_opcode_closes_with_1002),
      HARPIA_CASE(an_unknown_control_opcode_closes_with_1002),
      HARPIA_CASE(a_long_control_frame_closes_with_1002),
      HARPIA_CASE(a_fragmented_control_frame_closes_with_1002),
      HARPIA_CASE(a_stray_continuation_closes_with_1002),
      HARPIA_CASE(a_message_inside_a_message_closes_with_1002),
      HARPIA_CASE(a_malformed_close_closes_with_1002),
      HARPIA_CASE(a_reserved_close_code_closes_with_1002),
      HARPIA_CASE(text_that_is_not_utf_8_closes_with_1007),
      HARPIA_CASE(a_message_over_the_limit_closes_with_1009),
      HARPIA_CASE(fragments_over_the_limit_close_with_1009),
      HARPIA_CASE(a_close_is_answered_with_its_code),
      HARPIA_CASE(a_close_without_a_code_is_answered),
      HARPIA_CASE(messages_before_a_close_are_answered_first),
      HARPIA_CASE(messages_behind_a_close_are_ignored),
      HARPIA_CASE(the_server_may_close),
      HARPIA_CASE(both_may_close_at_once),
      HARPIA_CASE(a_server_that_closed_takes_an_end_for_an_answer),
      HARPIA_CASE(the_server_may_terminate),
      HARPIA_CASE(an_end_without_a_close_ends_it),
      HARPIA_CASE(an_end_within_a_frame_ends_it),
  };
  return all;
}

#undef HARPIA_CASE

} // namespace harpia::test
