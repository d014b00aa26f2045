// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/text_parts.hpp"

#include "support/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::last_part;

namespace {

using namespace std::string_literals;

/// What comes of pieces, and where they are found to be no text.
struct outcome {
  std::vector<std::string> parts;
  std::size_t good = 0; // pieces that were
};

outcome cut(const std::vector<std::string>& pieces) {
  outcome result;
  websocket::text_parts cutter;
  for (const auto& piece : pieces) {
    const auto last = &piece == &pieces.back() ? last_part::yes : last_part::no;
    const auto give = [&](std::span<const std::byte> whole, last_part ends) {
      BOOST_TEST((ends == last_part::no || last == last_part::yes));
      BOOST_TEST(websocket::is_utf8(whole));
      result.parts.emplace_back(reinterpret_cast<const char*>(whole.data()), whole.size());
    };
    if (!cutter.take(test::as_bytes(piece), last, give))
      return result;
    ++result.good;
  }
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(text_parts)

BOOST_AUTO_TEST_CASE(text_is_cut_between_characters_wherever_its_pieces_end) {
  const auto text = "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80z"s;
  for (std::size_t first = 0; first <= text.size(); ++first)
    for (auto second = first; second <= text.size(); ++second) {
      const auto [parts, good] = cut({text.substr(0, first), text.substr(first, second - first), text.substr(second)});
      BOOST_TEST(good == 3u);
      std::string all;
      for (const auto& part : parts)
        all += part;
      BOOST_TEST(all == text);
    }
}

BOOST_AUTO_TEST_CASE(random_text_in_random_pieces_stays_the_same) {
  std::mt19937 random{1};
  const std::vector<std::string> characters{
      "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (auto size = random() % 100; size > 0; --size)
      text += characters[random() % characters.size()];
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = random() % 9;
      pieces.push_back(text.substr(at, size));
      at += pieces.back().size();
    }
    pieces.emplace_back();
    const auto [parts, good] = cut(pieces);
    BOOST_TEST_REQUIRE(good == pieces.size());
    std::string all;
    for (const auto& part : parts)
      all += part;
    BOOST_TEST_REQUIRE(all == text);
  }
}

BOOST_AUTO_TEST_CASE(what_no_character_begins_with_is_refused_at_once) {
  for (const auto& bad : {"\x80"s, "\xbf"s, "\xc0"s, "\xc1"s, "\xf5"s, "\xff"s, "\xe0\x9f"s, "\xed\xa0"s, "\xf0\x8f"s,
                          "\xf4\x90"s, "\xe1\x20"s, "\xe1\x80\x20"s, "\xf1\x80\xc0"s, "\xf1\x80\x80\x20"s}) {
    BOOST_TEST(cut({"good" + bad, "", "more"}).good == 0u);
    std::vector<std::string> bytes{"good"};
    for (const char byte : bad)
      bytes.emplace_back(1, byte);
    bytes.emplace_back("more");
    BOOST_TEST(cut(bytes).good == bytes.size() - 2); // all but the byte that makes it wrong and what follows
  }
}

BOOST_AUTO_TEST_CASE(a_text_must_not_end_within_a_character) {
  for (const auto& half : {"\xc3"s, "\xe6\xbc"s, "\xf0\x9f\x98"s}) {
    BOOST_TEST(cut({"a" + half}).good == 0u);
    BOOST_TEST(cut({"a" + half, ""}).good == 1u);
  }
}

BOOST_AUTO_TEST_CASE(the_last_part_may_be_empty) {
  BOOST_TEST((cut({"a", ""}).parts == std::vector<std::string>{"a", ""}));
  BOOST_TEST((cut({""}).parts == std::vector<std::string>{""}));
  BOOST_TEST((cut({"", "a"}).parts == std::vector<std::string>{"a"}));
}

BOOST_AUTO_TEST_SUITE_END()
