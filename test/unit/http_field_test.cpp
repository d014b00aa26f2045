// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/field.hpp"

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace harpia::http;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(http_field)

BOOST_AUTO_TEST_CASE(a_field_name_is_a_token) {
  BOOST_TEST(is_field("X-Custom_1!#$%&'*+.^`|~", "v"));
  for (const auto name : {""sv, "a b"sv, "a:"sv, "a\r\n"sv, "a\0b"sv, "\xc3\xa9"sv, "a(b"sv, "a/b"sv, "a\"b"sv})
    BOOST_TEST(!is_field(name, "v"), name);
}

BOOST_AUTO_TEST_CASE(a_field_value_holds_no_control_characters) {
  for (const auto value : {""sv, "a b\tc"sv, "caf\xc3\xa9"sv, "\"quoted\""sv})
    BOOST_TEST(is_field("A", value), value);
  for (const auto value : {"a\r\nB: c"sv, "\n"sv, "\r"sv, "a\0b"sv, "\x7f"sv, "\x1f"sv})
    BOOST_TEST(!is_field("A", value));
}

BOOST_AUTO_TEST_CASE(a_token_is_found_in_a_list_whatever_its_case) {
  BOOST_TEST(has_token("upgrade", "upgrade"));
  BOOST_TEST(has_token("keep-alive, Upgrade", "upgrade"));
  BOOST_TEST(has_token("UPGRADE,keep-alive", "upgrade"));
  BOOST_TEST(has_token(" ,\t, upgrade\t,", "upgrade"));
  BOOST_TEST(!has_token("", "upgrade"));
  BOOST_TEST(!has_token("upgrades", "upgrade"));
  BOOST_TEST(!has_token("up grade", "upgrade"));
  BOOST_TEST(!has_token("x-upgrade", "upgrade"));
  BOOST_TEST(has_token("foo/2, websocket", "websocket"));
  BOOST_TEST(!has_token("foo/websocket", "websocket"));
}

BOOST_AUTO_TEST_SUITE_END()
