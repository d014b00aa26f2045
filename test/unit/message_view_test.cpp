// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/message_view.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using harpia::message_kind;

namespace {

constexpr std::array some_bytes{std::byte{0x00}, std::byte{0xff}, std::byte{0x80}, std::byte{0x00}};

} // namespace

BOOST_AUTO_TEST_SUITE(message_view)

BOOST_AUTO_TEST_CASE(a_view_of_characters_is_a_text_message) {
  constexpr harpia::message_view message{std::string_view{"hello"}};
  BOOST_TEST(message.is_text());
  BOOST_TEST(!message.is_binary());
  BOOST_TEST((message.kind() == message_kind::text));
  BOOST_TEST(message.text() == "hello");
  BOOST_TEST(message.size() == 5U);
  BOOST_TEST(!message.empty());
}

BOOST_AUTO_TEST_CASE(a_view_of_bytes_is_a_binary_message) {
  const harpia::message_view message{some_bytes};
  BOOST_TEST(message.is_binary());
  BOOST_TEST(!message.is_text());
  BOOST_TEST((message.kind() == message_kind::binary));
  BOOST_TEST(message.size() == some_bytes.size());
}

BOOST_AUTO_TEST_CASE(nul_and_other_bytes_are_kept_in_both_views) {
  const harpia::message_view message{some_bytes};
  BOOST_TEST(message.text() == std::string_view("\0\xff\x80\0", 4));
  BOOST_TEST((message.bytes()[1] == std::byte{0xff}));
  BOOST_TEST(message.bytes().size() == 4U);
}

BOOST_AUTO_TEST_CASE(bytes_may_be_shown_as_text) {
  constexpr std::array hi{std::byte{'h'}, std::byte{'i'}};
  const harpia::message_view message{message_kind::text, hi};
  BOOST_TEST(message.is_text());
  BOOST_TEST(message.text() == "hi");
}

BOOST_AUTO_TEST_CASE(rows_of_characters_are_text_and_rows_of_bytes_are_binary) {
  const auto kind_and_size = [](harpia::message_view message) { return std::pair{message.kind(), message.size()}; };
  const std::pair text{message_kind::text, std::size_t{2}};
  const std::pair binary{message_kind::binary, std::size_t{2}};
  const std::string owner = "h";
  std::array<char, 2> characters{'h', 'i'};
  std::array<unsigned char, 2> octets{1, 2};
  BOOST_TEST((kind_and_size("hi") == text));
  BOOST_TEST((kind_and_size(owner + "i") == text));
  BOOST_TEST((kind_and_size(std::vector<char>{'h', 'i'}) == text));
  BOOST_TEST((kind_and_size(std::u8string{u8"hi"}) == text));
  BOOST_TEST((kind_and_size(characters) == text));
  BOOST_TEST((kind_and_size(std::span{characters}) == text));
  BOOST_TEST((kind_and_size(octets) == binary));
  BOOST_TEST((kind_and_size(std::span<unsigned char>{octets}) == binary));
  BOOST_TEST((kind_and_size(std::vector<std::uint8_t>{1, 2}) == binary));
  BOOST_TEST((kind_and_size(std::vector<std::byte>(2)) == binary));
  static_assert(!std::is_constructible_v<harpia::message_view, std::vector<int>>);
  static_assert(!std::is_constructible_v<harpia::message_view, int>);
}

BOOST_AUTO_TEST_CASE(an_empty_message_keeps_its_kind) {
  const harpia::message_view text{std::string_view{}};
  const harpia::message_view binary{std::span<const std::byte>{}};
  BOOST_TEST((text.empty() && text.is_text() && text.bytes().empty()));
  BOOST_TEST((binary.empty() && binary.is_binary() && binary.text().empty()));
}

BOOST_AUTO_TEST_CASE(it_borrows_and_copies_no_bytes) {
  const std::string owner = "borrowed";
  const harpia::message_view message{std::string_view{owner}};
  const auto copy = message;
  BOOST_TEST(static_cast<const void*>(copy.text().data()) == static_cast<const void*>(owner.data()));
  BOOST_TEST(static_cast<const void*>(copy.bytes().data()) == static_cast<const void*>(owner.data()));
  static_assert(std::is_trivially_copyable_v<harpia::message_view>);
}

BOOST_AUTO_TEST_SUITE_END()
