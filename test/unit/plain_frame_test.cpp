// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/plain_frame.hpp"

#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::test::encode_frame;
using websocket::side;

namespace {

using namespace std::string_literals;

constexpr std::size_t max_payload = 100'000;

auto read(std::vector<std::byte>& bytes, side sender = side::client) {
  return websocket::read_plain_frame(bytes, sender, max_payload);
}

/// Nothing is read of `wire`, and nothing in it is changed.
void is_left_alone(const std::string& wire, side sender = side::client) {
  const auto before = test::copy_of_bytes(wire);
  auto bytes = before;
  BOOST_TEST(!read(bytes, sender).has_value());
  BOOST_TEST((bytes == before));
}

std::string text(const std::string& payload) {
  return encode_frame({.opcode = test::opcode::text, .payload = payload});
}

} // namespace

BOOST_AUTO_TEST_SUITE(plain_frame)

BOOST_AUTO_TEST_CASE(a_message_is_read_in_place_whatever_its_length) {
  std::vector<std::size_t> sizes{125, 126, 127, 1000, 65'535, 65'536, 100'000};
  for (std::size_t size = 0; size < 40; ++size)
    sizes.push_back(size);
  for (const auto size : sizes) {
    std::string payload;
    for (std::size_t i = 0; i < size; ++i)
      payload.push_back(static_cast<char>('a' + i % 23));
    auto bytes = test::copy_of_bytes(text(payload));
    const auto frame = read(bytes);
    BOOST_REQUIRE(frame.has_value());
    BOOST_TEST(frame->message.is_text());
    BOOST_TEST(frame->message.text() == payload);
    BOOST_TEST(frame->size == bytes.size());
    BOOST_TEST((frame->message.bytes().data() + size == bytes.data() + bytes.size()));
  }
}

BOOST_AUTO_TEST_CASE(what_comes_behind_is_left_for_later) {
  auto bytes = test::copy_of_bytes(text("first") + text("second"));
  const auto first = read(bytes);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->message.text() == "first");
  std::vector<std::byte> rest{bytes.begin() + static_cast<std::ptrdiff_t>(first->size), bytes.end()};
  const auto second = read(rest);
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->message.text() == "second");
}

BOOST_AUTO_TEST_CASE(bytes_of_every_value_are_binary) {
  std::string payload;
  for (int i = 0; i < 512; ++i)
    payload.push_back(static_cast<char>(i));
  auto bytes = test::copy_of_bytes(encode_frame({.opcode = test::opcode::binary, .payload = payload}));
  const auto frame = read(bytes);
  BOOST_REQUIRE(frame.has_value());
  BOOST_TEST(!frame->message.is_text());
  BOOST_TEST(frame->message.text() == payload);
}

BOOST_AUTO_TEST_CASE(text_in_every_script_is_read) {
  for (const auto& payload : {"Grüße"s, "漢字"s, "😀"s, std::string(40, 'x') + "é", "\0"s, "\xf4\x8f\xbf\xbf"s}) {
    auto bytes = test::copy_of_bytes(text(payload));
    const auto frame = read(bytes);
    BOOST_REQUIRE(frame.has_value());
    BOOST_TEST(frame->message.text() == payload);
  }
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf_8_is_left_alone) {
  for (const auto& payload :
       {"\xff"s, "\xc0\xaf"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xe6\xbc"s, std::string(63, 'x') + "\x80"})
    is_left_alone(text(payload));
}

BOOST_AUTO_TEST_CASE(wherever_one_byte_is_no_utf_8_the_text_is_left_alone) {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t place = 0; place < size; ++place) {
      std::string payload(size, 'x');
      payload[place] = '\x80';
      is_left_alone(text(payload));
    }
}

BOOST_AUTO_TEST_CASE(half_a_frame_is_left_alone) {
  for (const auto& payload : {"x"s, std::string(126, 'x'), std::string(70'000, 'x')}) {
    const auto wire = text(payload);
    for (std::size_t size = 0; size < 20; ++size)
      if (size < wire.size())
        is_left_alone(wire.substr(0, size));
    is_left_alone(wire.substr(0, wire.size() - 1));
  }
}

BOOST_AUTO_TEST_CASE(fragments_control_frames_and_reserved_bits_are_left_alone) {
  for (int opcode = 0; opcode < 16; ++opcode)
    if (opcode != test::opcode::text && opcode != test::opcode::binary)
      is_left_alone(encode_frame({.opcode = opcode, .payload = "x"}));
  is_left_alone(encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "x"}));
  for (const char reserved : {'\x40', '\x20', '\x10'}) {
    auto wire = text("x");
    wire[0] = static_cast<char>(wire[0] | reserved);
    is_left_alone(wire);
  }
}

BOOST_AUTO_TEST_CASE(a_message_over_the_limit_is_left_alone) {
  is_left_alone(text(std::string(max_payload + 1, 'x')));
  is_left_alone("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff____payload"s);
  is_left_alone("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff____payload"s);
}

BOOST_AUTO_TEST_CASE(a_length_in_more_bytes_than_it_needs_is_left_alone) {
  is_left_alone("\x82\xfe\x00\x01\x00\x00\x00\x00x"s);
  is_left_alone("\x82\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x"s);
  is_left_alone("\x82\xff"s + "\x00\x00\x00\x00\x00\x00\x01\x00"s + "\x00\x00\x00\x00"s + std::string(256, 'x'));
}

BOOST_AUTO_TEST_CASE(a_client_masks_and_a_server_does_not) {
  const auto unmasked = "\x81\x05hello"s;
  is_left_alone(unmasked, side::client);
  is_left_alone(text("hello"), side::server);
  auto bytes = test::copy_of_bytes(unmasked);
  const auto frame = read(bytes, side::server);
  BOOST_REQUIRE(frame.has_value());
  BOOST_TEST(frame->message.text() == "hello");
}

BOOST_AUTO_TEST_CASE(a_close_frame_is_read_with_its_code_and_reason) {
  for (const auto& [code, reason] :
       {std::pair{1000, ""s}, {1001, "away"s}, {4999, std::string(123, 'x')}, {3000, "caf\xc3\xa9"s}}) {
    auto bytes =
        test::copy_of_bytes(encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(code, reason)}) + "rest");
    const auto close = websocket::read_plain_close(bytes, side::client);
    BOOST_REQUIRE(close.has_value());
    BOOST_TEST(static_cast<int>(close->code) == code);
    BOOST_TEST(close->reason == reason);
    BOOST_TEST(close->size == bytes.size() - 4);
  }
  auto empty = test::copy_of_bytes(encode_frame({.opcode = test::opcode::close}));
  const auto close = websocket::read_plain_close(empty, side::client);
  BOOST_REQUIRE(close.has_value());
  BOOST_TEST((close->code == harpia::close_code::no_status));
  BOOST_TEST(close->reason.empty());
}

BOOST_AUTO_TEST_CASE(a_close_frame_with_any_fault_is_left_alone) {
  const auto close = [](std::string payload) {
    return encode_frame({.opcode = test::opcode::close, .payload = std::move(payload)});
  };
  const auto good = test::encode_close(1000, "bye");
  std::vector<std::string> wires{
      close("\x03"),
      close(test::encode_close(999)),
      close(test::encode_close(1005)),
      close(test::encode_close(1006)),
      close(test::encode_close(1014)),
      close(test::encode_close(1015)),
      close(test::encode_close(2000)),
      close(test::encode_close(5000)),
      close(test::encode_close(1000, "\xff")),
      close(test::encode_close(1000, "caf\xc3")),
      close(test::encode_close(1000, std::string(124, 'x'))),
      encode_frame({.fin = false, .opcode = test::opcode::close, .payload = good}),
      encode_frame({.rsv1 = true, .opcode = test::opcode::close, .payload = good}),
      encode_frame({.opcode = test::opcode::ping, .payload = good}),
      encode_frame({.opcode = test::opcode::text, .payload = good}),
      encode_frame({.opcode = test::opcode::close, .payload = good}, std::nullopt),
      "",
  };
  for (std::size_t size = 1; size < close(good).size(); ++size)
    wires.push_back(close(good).substr(0, size));
  for (const auto& wire : wires) {
    const auto before = test::copy_of_bytes(wire);
    auto bytes = before;
    BOOST_TEST(!websocket::read_plain_close(bytes, side::client).has_value());
    BOOST_TEST((bytes == before));
  }
}

BOOST_AUTO_TEST_SUITE_END()
