// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_reader.hpp"

#include "websocket/buffer_pool.hpp"

#include "support/bytes.hpp"
#include "support/memory_in_use.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using test::encode_frame;

namespace {

using namespace std::string_literals;

constexpr std::size_t max_payload = std::size_t{16} << 20;

/// A reader of a client's messages, and what it has read.
class read_messages final : private websocket::reader_events {
public:
  void read(std::string_view wire, std::size_t max_piece = 1'000'000) {
    while (!wire.empty() && !fault) {
      auto bytes = test::copy_of_bytes(wire.substr(0, max_piece));
      read_in_place(bytes);
      wire.remove_prefix(bytes.size());
    }
  }
  void read_in_place(std::span<std::byte> bytes) {
    while (!bytes.empty() && !fault)
      bytes = bytes.subspan(reader.read(bytes, *this));
  }

  websocket::buffer_pool pool;
  websocket::message_reader reader{websocket::messages::whole, max_payload, pool};
  std::vector<std::string> log;
  std::optional<websocket::message_fault> fault;
  const std::byte* place = nullptr; // of the last message

private:
  void on_message(harpia::message_view message) override {
    log.push_back((message.is_text() ? "text " : "binary ") + std::string{message.text()});
    place = message.bytes().data();
  }
  [[nodiscard]] wish wants_part() const noexcept override { return wish::now; }
  void on_part(harpia::message_view, harpia::last_part) override { log.emplace_back("a part"); }
  void on_control(websocket::opcode code, std::string_view payload) override {
    log.push_back((code == websocket::opcode::ping ? "ping " : "pong ") + std::string{payload});
  }
  void on_close(close_code code, std::string_view reason) override {
    log.push_back("close " + std::to_string(static_cast<int>(code)) + " " + std::string{reason});
  }
  void on_fault(const websocket::message_fault& what) override { fault = what; }
};

std::string text(std::string payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = test::opcode::text, .payload = std::move(payload)});
}
std::string binary(std::string payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = test::opcode::binary, .payload = std::move(payload)});
}
std::string continued(std::string payload, bool fin) {
  return encode_frame({.fin = fin, .opcode = test::opcode::continuation, .payload = std::move(payload)});
}
std::string closing(std::string payload) {
  return encode_frame({.opcode = test::opcode::close, .payload = std::move(payload)});
}

/// Reads `wire` byte by byte until there is a fault. @return bytes until then; nothing if there is none
std::optional<std::size_t> bytes_until_fault(std::string_view wire) {
  read_messages messages;
  for (std::size_t size = 1; size <= wire.size(); ++size) {
    messages.read(wire.substr(size - 1, 1));
    if (messages.fault)
      return size;
  }
  return std::nullopt;
}

} // namespace

BOOST_AUTO_TEST_SUITE(message_reader)

BOOST_AUTO_TEST_CASE(a_message_that_is_whole_is_delivered_where_it_lies) {
  read_messages messages;
  auto bytes = test::copy_of_bytes(text("hello"));
  messages.read_in_place(bytes);
  BOOST_TEST(messages.log == std::vector{"text hello"s}, boost::test_tools::per_element());
  BOOST_TEST(messages.place == bytes.data() + 6);
}

BOOST_AUTO_TEST_CASE(messages_in_pieces_and_fragments_are_put_together) {
  const auto wire = text("a", false) + continued("", false) + encode_frame({.opcode = test::opcode::ping, .payload = "p"})
                    + continued("b\xc3", false) + continued("\xa9", true) + binary(std::string(300, '\xff'))
                    + encode_frame({.opcode = test::opcode::pong, .payload = std::string(125, 'q')}) + text("");
  for (const std::size_t max_piece : {1u, 2u, 7u, 1000u}) {
    read_messages messages;
    messages.read(wire, max_piece);
    const std::vector<std::string> expected{
        "ping p", "text ab\xc3\xa9", "binary " + std::string(300, '\xff'), "pong " + std::string(125, 'q'), "text "};
    BOOST_TEST(messages.log == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(text_fails_at_its_first_invalid_byte) {
  const std::size_t head = 6;
  for (const auto& [payload, bad] :
       {std::pair{"ab\xff and more"s, 3u},
        {"\xc0\xaf and more"s, 1u},
        {"\xed\xa0\x80 more"s, 2u},
        {"\xf4\x90\x80\x80 more"s, 2u}}) {
    BOOST_TEST(bytes_until_fault(text(payload)).value() == head + bad);
    BOOST_TEST(bytes_until_fault(text(payload, false)).value() == head + bad);
  }
  BOOST_TEST(bytes_until_fault(text("ab\xc3")).value() == head + 3);                // it ends within a character
  BOOST_TEST(bytes_until_fault(text("\xc3", false) + continued("", true)).value()); // so does this
  BOOST_TEST(!bytes_until_fault(text("\xf0\x9f\x98\x80 fine")));
  BOOST_TEST(!bytes_until_fault(binary("\xff")));
}

BOOST_AUTO_TEST_CASE(the_limit_counts_from_the_head_of_a_frame_on) {
  read_messages messages;
  messages.read("\x82\xff\x00\x00\x00\x00\x01\x00\x00\x01____"s); // one byte more
  BOOST_REQUIRE(messages.fault.has_value());
  BOOST_TEST((*messages.fault == websocket::message_too_big));
  read_messages fragments;
  fragments.read(binary("begun", false));
  fragments.read("\x80\xff\x00\x00\x00\x00\x00\xff\xff\xfc____"s);
  BOOST_TEST((fragments.fault == websocket::message_too_big));
  read_messages fits;
  fits.read(binary("begun", false));
  fits.read("\x80\xff\x00\x00\x00\x00\x00\xff\xff\xfb____"s);
  BOOST_TEST(!fits.fault.has_value());
}

BOOST_AUTO_TEST_CASE(a_close_frame_has_a_code_that_may_be_sent_and_a_reason_that_is_text) {
  for (const int code : {1000, 1003, 1007, 1014, 3000, 4999}) {
    read_messages messages;
    messages.read(closing(test::encode_close(code, "caf\xc3\xa9")));
    BOOST_TEST(messages.log == std::vector{"close " + std::to_string(code) + " caf\xc3\xa9"}, boost::test_tools::per_element());
  }
  read_messages empty;
  empty.read(closing(""));
  BOOST_TEST(empty.log == std::vector{"close 1005 "s}, boost::test_tools::per_element());
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    read_messages messages;
    messages.read(closing(test::encode_close(code)));
    BOOST_REQUIRE(messages.fault.has_value());
    BOOST_TEST((messages.fault->code == close_code::protocol_error), "the code " << code);
  }
  read_messages half;
  half.read(closing("\x03"));
  BOOST_TEST((half.fault.value().code == close_code::protocol_error));
  read_messages no_text;
  no_text.read(closing(test::encode_close(1000, "caf\xc3")));
  BOOST_TEST((no_text.fault.value().what == errc::invalid_text));
  BOOST_TEST((no_text.fault->code == close_code::invalid_payload));
}

BOOST_AUTO_TEST_CASE(a_large_message_is_read_into_its_own_memory) {
  const std::size_t size = std::size_t{3} << 20;
  std::string payload;
  for (std::size_t i = 0; i < size; ++i)
    payload.push_back(static_cast<char>('a' + i % 23));
  const auto wire = text(payload);
  read_messages messages;
  messages.read(wire.substr(0, 100'000));
  std::size_t at = 100'000;
  std::size_t directly = 0;
  for (auto target = messages.reader.target(); !target.empty(); target = messages.reader.target()) {
    const auto count = std::min({target.size(), wire.size() - at, std::size_t{70'001}});
    std::memcpy(target.data(), wire.data() + at, count);
    messages.read_in_place(target.first(count));
    at += count;
    directly += count;
  }
  BOOST_TEST(directly > size - 300'000);
  messages.read(wire.substr(at) + text("next"));
  BOOST_REQUIRE(messages.log.size() == 2u);
  BOOST_TEST((messages.log[0] == "text " + payload));
  BOOST_TEST(messages.log[1] == "text next");
}

BOOST_AUTO_TEST_CASE(a_control_frame_within_a_large_message_is_not_read_into_its_memory) {
  read_messages messages;
  messages.read(binary(std::string(200'000, 'x'), false));
  messages.read(continued(std::string(200'000, 'y'), true).substr(0, 1000));
  BOOST_TEST(!messages.reader.target().empty());
  read_messages others;
  others.read(
      binary(std::string(200'000, 'x'), false) + encode_frame({.opcode = test::opcode::ping, .payload = "ping"}).substr(0, 8));
  BOOST_TEST(others.reader.target().empty());
}

BOOST_AUTO_TEST_CASE(a_message_that_is_only_announced_costs_next_to_nothing) {
  constexpr std::size_t count = 1000;
  std::vector<std::unique_ptr<read_messages>> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(std::make_unique<read_messages>());
  const auto before = test::memory_in_use();
  for (const auto& each : all) {
    each->read("\x82\xff\x00\x00\x00\x00\x00\xff\x00\x00____ten bytes."s);
    BOOST_TEST(!each->fault.has_value());
    (void)each->reader.target();
  }
  BOOST_TEST((test::memory_in_use() - before) / count < 1024u);
}

BOOST_AUTO_TEST_CASE(messages_that_are_discarded_are_read_to_their_end_only) {
  read_messages messages;
  messages.read(text("begun", false));
  messages.reader.discard_messages();
  messages.read(continued(std::string(std::size_t{20} << 20, '\xff'), true) + closing(""),
                100'000); // neither text nor limit counts
  BOOST_TEST(messages.log == std::vector{"close 1005 "s}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
