// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame_reader.hpp"

#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using test::encode_frame;
using websocket::opcode;
using websocket::payload_form;
using websocket::side;

namespace {

using namespace std::string_literals;

constexpr websocket::frame_reader::piece_limits no_limit{};

std::string payload_of(const websocket::frame_piece& piece) {
  return {reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size()};
}

/// A frame as it was read, whatever the pieces.
struct read_frame {
  opcode code{};
  payload_form form{};
  bool begins = false;
  bool ends = false;
  std::string payload = {};

  friend bool operator==(const read_frame&, const read_frame&) = default;
};

/// Reads all of `wire` in pieces of at most `max_piece` bytes.
std::vector<read_frame> read_all(websocket::frame_reader& reader, std::string_view wire, std::mt19937& random,
                                 std::size_t max_piece) {
  std::vector<read_frame> frames;
  bool goes_on = false;
  while (!wire.empty()) {
    auto bytes = test::copy_of_bytes(wire.substr(0, random() % max_piece + 1));
    for (std::span rest{bytes}; !rest.empty();) {
      const auto [size, piece, fault] = reader.read(rest, no_limit);
      BOOST_REQUIRE(!fault.has_value());
      BOOST_REQUIRE(size > 0u);
      rest = rest.subspan(size);
      if (!piece)
        continue;
      if (!goes_on)
        frames.push_back({piece->code, piece->form, piece->begins});
      frames.back().payload += payload_of(*piece);
      frames.back().ends = piece->ends;
      goes_on = piece->rest > 0;
    }
    wire.remove_prefix(bytes.size());
  }
  return frames;
}

/// The fault that the frame at the beginning of `wire` has, once all of its head is there.
std::optional<websocket::message_fault>
fault_of(const std::string& wire, side peer = side::client, std::string_view before = {}) {
  std::optional<websocket::message_fault> found;
  for (const bool at_once : {true, false}) {
    websocket::frame_reader reader;
    reader.read_from(peer);
    auto bytes = test::copy_of_bytes(std::string{before} + wire);
    std::optional<websocket::message_fault> fault;
    for (std::span rest{bytes}; !rest.empty() && !fault;) {
      const auto result = reader.read(at_once ? rest : rest.first(1), no_limit);
      rest = rest.subspan(result.size);
      fault = result.fault;
    }
    BOOST_TEST((at_once || found == fault), "pieces make no difference");
    found = fault;
  }
  return found;
}

bool is_refused(const std::string& wire, side peer = side::client, std::string_view before = {}) {
  const auto fault = fault_of(wire, peer, before);
  return fault && fault->what == harpia::errc::protocol_violation && fault->code == harpia::close_code::protocol_error
         && !fault->detail.empty();
}

std::string text(const std::string& payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = test::opcode::text, .payload = payload});
}

} // namespace

BOOST_AUTO_TEST_SUITE(frame_reader)

BOOST_AUTO_TEST_CASE(a_whole_frame_is_one_piece_that_is_unmasked_where_it_lies) {
  for (const std::size_t size : {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 125, 126, 127, 1000, 65'535, 65'536, 100'000}) {
    std::string payload;
    for (std::size_t i = 0; i < size; ++i)
      payload.push_back(static_cast<char>(i));
    auto bytes = test::copy_of_bytes(encode_frame({.opcode = test::opcode::binary, .payload = payload}) + "rest");
    websocket::frame_reader reader;
    const auto [taken, piece, fault] = reader.read(bytes, no_limit);
    BOOST_REQUIRE(piece.has_value());
    BOOST_TEST((payload_of(*piece) == payload));
    BOOST_TEST((piece->code == opcode::binary));
    BOOST_TEST(piece->is_whole());
    BOOST_TEST(taken == bytes.size() - 4);
    BOOST_TEST((piece->payload.data() + size == bytes.data() + taken));
  }
}

BOOST_AUTO_TEST_CASE(the_usual_frame_is_read_at_once_and_every_other_is_left_alone) {
  constexpr std::size_t limit = 1000;
  const auto read = [](std::string_view wire, side peer, harpia::message_view& message) {
    static std::vector<std::byte> bytes;
    const auto before = bytes = test::copy_of_bytes(wire);
    websocket::frame_reader reader;
    reader.read_from(peer);
    const auto usual = reader.read_usual(bytes, limit);
    BOOST_TEST((usual.size > 0 || bytes == before));
    message = usual.message;
    return usual.size;
  };
  harpia::message_view message{""};
  for (const std::size_t size : {0, 1, 20, 125, 126, 1000}) {
    const auto wire = text(std::string(size, 'x'));
    BOOST_TEST(read(wire + "rest", side::client, message) == wire.size());
    BOOST_TEST((message.text() == std::string(size, 'x')));
    BOOST_TEST(read(wire.substr(0, wire.size() - 1), side::client, message) == 0u);
  }
  BOOST_TEST(read("\x82\x05hello", side::server, message) == 7u);
  BOOST_TEST(message.is_binary());
  for (const auto& wire :
       {text(std::string(1001, 'x')), text("x", false), encode_frame({.opcode = test::opcode::ping, .payload = "x"}),
        encode_frame({.opcode = test::opcode::continuation, .payload = "x"}), encode_frame({.rsv1 = true, .payload = "x"}),
        "\x81\x05hello"s, "\x82\xfe\x00\x7d____"s + std::string(125, 'x')})
    BOOST_TEST(read(wire, side::client, message) == 0u);
  for (const auto& wire : {text("hello"), "\x82\x7e\x00\x00"s, "\x82\x7e\x00\x7d"s + std::string(125, 'x')})
    BOOST_TEST(read(wire, side::server, message) == 0u);
}

BOOST_AUTO_TEST_CASE(the_usual_frame_is_known_to_be_ascii_if_it_is) {
  for (std::size_t size = 1; size < 70; ++size) {
    for (std::size_t other = 0; other <= size; ++other) { // the last time, none is other
      std::string payload(size, '~');
      if (other < size)
        payload[other] = '\x80';
      auto bytes = test::copy_of_bytes(encode_frame({.opcode = test::opcode::binary, .payload = payload}));
      websocket::frame_reader reader;
      const auto usual = reader.read_usual(bytes, payload.size());
      BOOST_REQUIRE(usual.message.text() == payload);
      BOOST_TEST(usual.is_ascii == (other == size), "byte " << other << " of " << size);
    }
  }
}

BOOST_AUTO_TEST_CASE(how_bytes_are_cut_makes_no_difference) {
  std::string wire;
  std::vector<read_frame> expected;
  for (const std::size_t size : {3, 0, 126, 1, 70'000, 0, 125, 300}) {
    std::string payload(size, static_cast<char>('a' + size % 26));
    wire += text(payload, false) + encode_frame({.opcode = test::opcode::ping, .payload = "p"})
            + encode_frame({.opcode = test::opcode::continuation, .payload = payload});
    expected.push_back({opcode::text, payload_form::plain, true, false, payload});
    expected.push_back({opcode::ping, payload_form::plain, true, true, "p"});
    expected.push_back({opcode::text, payload_form::plain, false, true, payload});
  }
  std::mt19937 random{7};
  for (const std::size_t max_piece : {1u, 2u, 5u, 100u, 9000u, 1'000'000u}) {
    websocket::frame_reader reader;
    BOOST_TEST((read_all(reader, wire, random, max_piece) == expected), "pieces of up to " << max_piece);
  }
}

BOOST_AUTO_TEST_CASE(a_head_is_a_piece_as_soon_as_it_is_complete) {
  auto bytes = test::copy_of_bytes("\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00mask"s);
  websocket::frame_reader reader;
  const auto [taken, piece, fault] = reader.read(bytes, no_limit);
  BOOST_TEST(taken == bytes.size());
  BOOST_REQUIRE(piece.has_value());
  BOOST_TEST(piece->payload.empty());
  BOOST_TEST(piece->begins);
  BOOST_TEST(!piece->ends);
  BOOST_TEST(piece->rest == std::uint64_t{1} << 30);
  BOOST_TEST(reader.rest() == std::uint64_t{1} << 30);
}

BOOST_AUTO_TEST_CASE(a_client_masks_and_a_server_does_not) {
  BOOST_TEST(is_refused("\x81\x05hello"s));
  BOOST_TEST(is_refused(text("hello"), side::server));
  std::mt19937 random{1};
  websocket::frame_reader reader;
  reader.read_from(side::server);
  BOOST_TEST((read_all(reader, "\x81\x05hello"s, random, 3) == std::vector{read_frame{opcode::text, {}, true, true, "hello"}}));
}

BOOST_AUTO_TEST_CASE(a_length_is_in_its_shortest_form_and_below_two_to_the_63) {
  BOOST_TEST(is_refused("\x82\xfe\x00\x7d____"s));
  BOOST_TEST(is_refused("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff____"s));
  BOOST_TEST(is_refused("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00____"s));
  BOOST_TEST(!fault_of("\x82\xfe\x00\x7e____"s));
  BOOST_TEST(!fault_of("\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00____"s));
  BOOST_TEST(!fault_of("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff____"s));
}

BOOST_AUTO_TEST_CASE(opcodes_that_rfc_6455_reserves_are_refused) {
  for (const int code : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    BOOST_TEST(is_refused(encode_frame({.opcode = code})));
}

BOOST_AUTO_TEST_CASE(a_control_frame_is_short_and_whole) {
  for (const int code : {8, 9, 10}) {
    BOOST_TEST(is_refused(encode_frame({.fin = false, .opcode = code})));
    BOOST_TEST(is_refused(encode_frame({.opcode = code, .payload = std::string(126, 'x')})));
    BOOST_TEST(!fault_of(encode_frame({.opcode = code, .payload = std::string(125, 'x')})));
  }
}

BOOST_AUTO_TEST_CASE(frames_of_a_message_follow_one_another) {
  BOOST_TEST(is_refused(encode_frame({.opcode = test::opcode::continuation, .payload = "x"})));
  BOOST_TEST(is_refused(text("b"), side::client, text("a", false)));
  BOOST_TEST(is_refused(encode_frame({.opcode = test::opcode::continuation}), side::client, text("a")));
}

BOOST_AUTO_TEST_CASE(reserved_bits_are_refused_where_nothing_gives_them_a_meaning) {
  for (const char reserved : {'\x40', '\x20', '\x10'})
    for (auto wire : {text("x"), encode_frame({.opcode = test::opcode::ping})}) {
      wire[0] = static_cast<char>(wire[0] | reserved);
      BOOST_TEST(is_refused(wire));
    }
}

BOOST_AUTO_TEST_CASE(rsv1_means_compressed_at_the_beginning_of_a_message_and_nowhere_else) {
  const auto first = encode_frame({.fin = false, .rsv1 = true, .opcode = test::opcode::text, .payload = "a"});
  const auto last = encode_frame({.opcode = test::opcode::continuation, .payload = "b"});
  std::mt19937 random{3};
  websocket::frame_reader reader;
  reader.allow_deflated();
  const std::vector<read_frame> expected{
      {opcode::text, payload_form::deflated, true, false, "a"},
      {opcode::ping, payload_form::plain, true, true, ""},
      {opcode::text, payload_form::deflated, false, true, "b"},
      {opcode::text, payload_form::plain, true, true, "c"}};
  BOOST_TEST((read_all(reader, first + encode_frame({.opcode = test::opcode::ping}) + last + text("c"), random, 3) == expected));
  for (const int code : {0, 8, 9}) {
    websocket::frame_reader another;
    another.allow_deflated();
    auto before = test::copy_of_bytes(text("a", false));
    BOOST_TEST(!another.read(before, no_limit).fault.has_value());
    auto bytes = test::copy_of_bytes(encode_frame({.rsv1 = true, .opcode = code}));
    BOOST_TEST(another.read(bytes, no_limit).fault.has_value());
  }
}

BOOST_AUTO_TEST_CASE(pieces_of_compressed_messages_are_as_small_as_is_wanted) {
  auto bytes = test::copy_of_bytes(encode_frame({.rsv1 = true, .opcode = test::opcode::text, .payload = std::string(100, 'x')}));
  websocket::frame_reader reader;
  reader.allow_deflated();
  std::string payload;
  for (std::span rest{bytes}; !rest.empty();) {
    const auto [size, piece, fault] = reader.read(rest, {.deflated = 30});
    BOOST_REQUIRE(piece.has_value());
    BOOST_TEST(piece->payload.size() <= 30u);
    payload += payload_of(*piece);
    rest = rest.subspan(size);
  }
  BOOST_TEST(payload == std::string(100, 'x'));
}

BOOST_AUTO_TEST_SUITE_END()
