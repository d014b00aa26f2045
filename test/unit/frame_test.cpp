// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame.hpp"

#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace deflate = harpia::deflate;
namespace websocket = harpia::websocket;
using harpia::test::as_bytes;
using websocket::opcode;

namespace {

using namespace std::string_literals;

std::string header(opcode code, std::size_t size) {
  harpia::memory::byte_buffer frame;
  websocket::frame_writer{}.append(frame, code, std::string(size, 'x'));
  return std::string{frame.text().substr(0, frame.size() - size)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(up_to_125_bytes_the_length_is_in_the_second_byte) {
  BOOST_TEST(header(opcode::text, 0) == "\x81\x00"s);
  BOOST_TEST(header(opcode::text, 1) == "\x81\x01"s);
  BOOST_TEST(header(opcode::binary, 125) == "\x82\x7d"s);
}

BOOST_AUTO_TEST_CASE(from_126_bytes_on_the_length_takes_two_more) {
  BOOST_TEST(header(opcode::text, 126) == "\x81\x7e\x00\x7e"s);
  BOOST_TEST(header(opcode::text, 0x1234) == "\x81\x7e\x12\x34"s);
  BOOST_TEST(header(opcode::binary, 65535) == "\x82\x7e\xff\xff"s);
}

BOOST_AUTO_TEST_CASE(from_65536_bytes_on_the_length_takes_eight_more) {
  BOOST_TEST(header(opcode::text, 65536) == "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
  BOOST_TEST(header(opcode::binary, 0x01020304) == "\x82\x7f\x00\x00\x00\x00\x01\x02\x03\x04"s);
}

BOOST_AUTO_TEST_CASE(every_opcode_is_sent_whole_and_unmasked) {
  BOOST_TEST(header(opcode::close, 2) == "\x88\x02"s);
  BOOST_TEST(header(opcode::ping, 0) == "\x89\x00"s);
  BOOST_TEST(header(opcode::pong, 125) == "\x8a\x7d"s);
}

BOOST_AUTO_TEST_CASE(a_client_masks_each_frame_with_a_key_of_its_own) {
  websocket::masking_keys keys;
  const websocket::frame_writer writer{keys};
  std::vector<std::string> frames;
  for (int i = 0; i < 200; ++i) { // more than the keys of one system call
    harpia::memory::byte_buffer frame;
    writer.append(frame, opcode::text, "hello");
    BOOST_TEST(frame.size() == writer.size_of(5));
    BOOST_TEST(frame.text().substr(0, 2) == "\x81\x85"s);
    std::string payload;
    for (std::size_t k = 0; k < 5; ++k)
      payload.push_back(static_cast<char>(frame.text()[6 + k] ^ frame.text()[2 + k % 4]));
    BOOST_TEST(payload == "hello");
    frames.emplace_back(frame.text());
  }
  std::ranges::sort(frames);
  BOOST_TEST((std::ranges::adjacent_find(frames) == frames.end()));
}

BOOST_AUTO_TEST_CASE(a_frame_is_its_header_and_its_payload) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 65537u}) {
    const std::string payload(size, 'x');
    for (const auto kind : {harpia::message_kind::text, harpia::message_kind::binary}) {
      const websocket::frame frame{{kind, as_bytes(payload)}};
      const auto expected =
          harpia::test::encode_frame({.opcode = static_cast<int>(websocket::opcode_of(kind)), .payload = payload}, std::nullopt);
      BOOST_TEST((frame.bytes() == expected), "a payload of " << size << " bytes");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_frame_gives_back_the_message_inside) {
  for (const std::size_t size : {0u, 125u, 126u, 65536u}) {
    const std::string payload(size, '\0');
    const websocket::frame text{std::string_view{payload}};
    BOOST_TEST(text.message().is_text());
    BOOST_TEST((text.message().text() == payload));
    const websocket::frame binary{as_bytes(payload)};
    BOOST_TEST(binary.message().is_binary());
    BOOST_TEST((binary.message().text() == payload));
  }
}

BOOST_AUTO_TEST_CASE(a_frame_does_not_depend_on_the_message_it_was_made_of) {
  std::string text = "hello";
  const websocket::frame frame{std::string_view{text}};
  text = "other";
  BOOST_TEST(frame.message().text() == "hello");
}

BOOST_AUTO_TEST_CASE(a_frame_is_compressed_once_for_the_same_settings_though_several_threads_ask_at_once) {
  const auto frame = websocket::make_frame(std::string_view{std::string(500'000, 'x')});
  std::array<deflate::deflaters, 4> tools;
  std::array<websocket::shared_frame, 4> found;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < tools.size(); ++i)
      threads.emplace_back([&, i] { found[i] = frame->deflated({}, tools[i]); });
  }
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    BOOST_TEST(found[i] == found[0]);
    count += tools[i].count();
  }
  BOOST_TEST(count == 1u);
  BOOST_TEST((frame->deflated({.level = 1}, tools[0]) != found[0]));
  BOOST_TEST(frame->bytes().size() > 500'000u); // as it was
}

BOOST_AUTO_TEST_CASE(a_compressed_frame_has_rsv1_and_no_other_frame_has) {
  deflate::deflaters tools;
  const auto made = websocket::make_frame(harpia::message_view{as_bytes(std::string(1000, 'x'))})->deflated({}, tools);
  BOOST_REQUIRE(made);
  BOOST_TEST(static_cast<unsigned char>(made->bytes()[0]) == 0xC2u);
  BOOST_TEST(static_cast<unsigned char>(made->bytes()[1]) == made->bytes().size() - 2);
  BOOST_TEST(!websocket::make_frame(std::string_view{"too short"})->deflated({}, tools));
}

BOOST_AUTO_TEST_CASE(a_shared_frame_may_be_dropped_by_any_thread) {
  auto frame = websocket::make_frame(std::string_view{"hello"});
  std::jthread{[copy = frame]() mutable {
    BOOST_TEST_PASSPOINT();
    copy.reset();
  }}.join();
  BOOST_TEST(frame->bytes() == "\x81\x05hello");
  BOOST_TEST(frame.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(peers_that_all_want_something_else_are_served_uncompressed_in_the_end) {
  deflate::deflaters tools;
  const auto frame = websocket::make_frame(harpia::message_view{as_bytes(std::string(1000, 'x'))});
  for (std::size_t i = 0; i < websocket::frame::max_variants; ++i)
    BOOST_TEST(frame->deflated({.window_bits = 15, .level = static_cast<int>(i) + 1}, tools));
  BOOST_TEST(!frame->deflated({.window_bits = 9, .level = 1}, tools));
  BOOST_TEST(frame->deflated({.window_bits = 15, .level = 1}, tools)); // which was made before
}

BOOST_AUTO_TEST_SUITE_END()
