// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/utf8.hpp"

#include "support/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace websocket = harpia::websocket;
using harpia::test::as_bytes;

namespace {

/// Each size on both sides of where the check takes another way.
constexpr std::size_t most = 150;

void check_everywhere(std::string_view character, bool expected) {
  for (std::size_t size = character.size(); size < most; ++size)
    for (std::size_t at = 0; at + character.size() <= size; ++at) {
      std::string text(size, '~');
      text.replace(at, character.size(), character);
      BOOST_REQUIRE_MESSAGE(websocket::is_utf8(as_bytes(text)) == expected, "at " << at << " of " << size);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(ascii_is_utf8_whatever_its_size) {
  for (std::size_t size = 0; size < most; ++size)
    BOOST_TEST(websocket::is_utf8(as_bytes(std::string(size, '\x7f'))));
}

BOOST_AUTO_TEST_CASE(longer_characters_are_utf8_wherever_they_are) {
  check_everywhere("\xc3\xa4", true);
  check_everywhere("\xf0\x9f\x90\xa6", true);
}

BOOST_AUTO_TEST_CASE(one_wrong_byte_is_found_wherever_it_is) {
  check_everywhere("\x80", false);
  check_everywhere("\xff", false);
  check_everywhere("\xed\xa0\x80", false); // a surrogate
}

BOOST_AUTO_TEST_SUITE_END()
