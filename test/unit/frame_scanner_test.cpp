// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame_scanner.hpp"

#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using test::encode_frame;

namespace {

using namespace std::string_literals;

std::size_t scan(websocket::frame_scanner& scanner, std::string_view bytes) {
  return scanner.scan(test::as_bytes(bytes));
}

} // namespace

BOOST_AUTO_TEST_SUITE(frame_scanner)

BOOST_AUTO_TEST_CASE(takes_one_frame_and_no_more) {
  for (const auto size : std::initializer_list<std::size_t>{0, 1, 125, 126, 65'535, 65'536}) {
    const auto frame = encode_frame({.opcode = test::opcode::binary, .payload = std::string(size, 'x')});
    websocket::frame_scanner scanner;
    BOOST_TEST(scan(scanner, frame + "more") == frame.size());
    BOOST_TEST(scanner.is_between_messages());
  }
}

BOOST_AUTO_TEST_CASE(finds_the_same_ends_in_whatever_pieces_the_bytes_come) {
  std::mt19937 random{7};
  std::string stream;
  std::vector<std::size_t> ends;
  for (const auto size : std::initializer_list<std::size_t>{3, 0, 126, 1, 70'000, 0, 125, 300}) {
    stream += encode_frame({.opcode = test::opcode::binary, .payload = std::string(size, 'x')});
    ends.push_back(stream.size());
  }
  for (int round = 0; round < 50; ++round) {
    websocket::frame_scanner scanner;
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < stream.size();) {
      const auto piece = std::string_view{stream}.substr(at, random() % (round % 2 == 0 ? 4 : 9000) + 1);
      const auto taken = scan(scanner, piece);
      BOOST_REQUIRE(taken > 0u);
      at += taken;
      if (scanner.is_between_messages())
        found.push_back(at);
    }
    BOOST_TEST(found == ends, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_message_of_several_frames_ends_with_the_last) {
  const auto begin = encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "a"});
  const auto ping = encode_frame({.opcode = test::opcode::ping, .payload = "b"});
  const auto middle = encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = ""});
  const auto end = encode_frame({.opcode = test::opcode::continuation, .payload = "c"});
  websocket::frame_scanner scanner;
  for (const auto& frame : {begin, ping, middle, ping}) {
    BOOST_TEST(scan(scanner, frame) == frame.size());
    BOOST_TEST(!scanner.is_between_messages());
  }
  BOOST_TEST(scan(scanner, end + ping) == end.size());
  BOOST_TEST(scanner.is_between_messages());
  BOOST_TEST(scan(scanner, ping) == ping.size());
  BOOST_TEST(scanner.is_between_messages());
}

BOOST_AUTO_TEST_CASE(half_a_header_is_not_between_messages) {
  websocket::frame_scanner scanner;
  BOOST_TEST(scan(scanner, "\x81"s) == 1u);
  BOOST_TEST(!scanner.is_between_messages());
}

BOOST_AUTO_TEST_CASE(an_impossible_length_swallows_everything) {
  websocket::frame_scanner scanner;
  const auto bytes = "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"s + std::string(1000, 'x');
  BOOST_TEST(scan(scanner, bytes) == bytes.size());
  BOOST_TEST(scan(scanner, bytes) == bytes.size());
  BOOST_TEST(!scanner.is_between_messages());
}

BOOST_AUTO_TEST_SUITE_END()
