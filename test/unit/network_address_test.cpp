// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/network_address.hpp>

#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string shortest(std::string_view text) {
  const auto address = harpia::network_address::parse(text);
  return address ? address->to_string() : "none";
}

bool contains(const std::vector<std::string>& entries, std::string_view peer) {
  return harpia::address_set{entries}.contains_peer(peer);
}

std::string refusal_of(const std::string& entry) {
  try {
    (void)harpia::address_set{{"192.0.2.1", entry}};
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(network_address)

BOOST_AUTO_TEST_CASE(an_address_is_made_of_4_bytes_or_16) {
  const auto of = [](std::string_view bytes) {
    return harpia::network_address::of_bytes(std::as_bytes(std::span{bytes.data(), bytes.size()}));
  };
  BOOST_TEST(of("\xc0\0\2\1"sv).to_string() == "192.0.2.1");
  BOOST_TEST(of("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"sv).to_string() == "2001:db8::1");
  BOOST_TEST((of("\xc0\0\2\1"sv) == of("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1"sv)));
}

BOOST_AUTO_TEST_CASE(an_address_has_one_form) {
  BOOST_TEST(shortest("192.0.2.1") == "192.0.2.1");
  BOOST_TEST(shortest("2001:0DB8:0:0:0:0:0:1") == "2001:db8::1");
  BOOST_TEST(shortest("::ffff:192.0.2.1") == "192.0.2.1");
  BOOST_TEST(shortest("::ffff:c000:201") == "192.0.2.1");
  BOOST_TEST((harpia::network_address::parse("::ffff:192.0.2.1") == harpia::network_address::parse("192.0.2.1")));
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_none) {
  for (const auto& text : {""s, "localhost"s, "192.0.2"s, "192.0.2.256"s, "192.0.2.01"s, " 192.0.2.1"s, "192.0.2.1 "s,
                           "192.0.2.1:80"s, "[::1]"s, "fe80::1%1"s, ":::"s, "1::2::3"s, "192.0.2.1\0"s, "\0"s,
                           std::string(100, ':'), "0000:0000:0000:0000:0000:0000:0000:00000001"s})
    BOOST_TEST(shortest(text) == "none", text);
}

BOOST_AUTO_TEST_CASE(a_set_holds_its_addresses_in_either_form) {
  BOOST_TEST(contains({"192.0.2.1"}, "192.0.2.1"));
  BOOST_TEST(contains({"192.0.2.1"}, "::ffff:192.0.2.1"));
  BOOST_TEST(contains({"::ffff:192.0.2.1"}, "192.0.2.1"));
  BOOST_TEST(!contains({"192.0.2.1"}, "192.0.2.2"));
  BOOST_TEST(contains({"192.0.2.1", "2001:db8::1"}, "2001:db8::1"));
  BOOST_TEST(!contains({"2001:db8::1"}, "2001:db8::2"));
  BOOST_TEST(!contains({}, "192.0.2.1"));
  BOOST_TEST(!contains({"0.0.0.0/0"}, "client"));
}

BOOST_AUTO_TEST_CASE(a_prefix_holds_what_begins_with_its_bits_and_nothing_else) {
  BOOST_TEST(contains({"10.0.0.0/8"}, "10.255.255.255"));
  BOOST_TEST(!contains({"10.0.0.0/8"}, "11.0.0.0"));
  BOOST_TEST(contains({"192.0.2.128/25"}, "192.0.2.128"));
  BOOST_TEST(!contains({"192.0.2.128/25"}, "192.0.2.127"));
  BOOST_TEST(contains({"192.0.2.6/31"}, "192.0.2.7"));
  BOOST_TEST(!contains({"192.0.2.6/31"}, "192.0.2.8"));
  BOOST_TEST(contains({"192.0.2.6/32"}, "192.0.2.6"));
  BOOST_TEST(!contains({"192.0.2.6/32"}, "192.0.2.7"));
  BOOST_TEST(contains({"2001:db8::/32"}, "2001:db8:ffff::1"));
  BOOST_TEST(!contains({"2001:db8::/32"}, "2001:db9::1"));
  BOOST_TEST(contains({"fd00::/9"}, "fd7f::1"));
  BOOST_TEST(!contains({"fd00::/9"}, "fd80::1"));
  BOOST_TEST(contains({"::ffff:10.0.0.0/104"}, "10.1.2.3"));
}

BOOST_AUTO_TEST_CASE(a_prefix_of_0_is_every_address_of_its_kind) {
  BOOST_TEST(contains({"0.0.0.0/0"}, "192.0.2.1"));
  BOOST_TEST(!contains({"0.0.0.0/0"}, "2001:db8::1"));
  BOOST_TEST(contains({"::/0"}, "2001:db8::1"));
  BOOST_TEST(!contains({"::/0"}, "192.0.2.1"));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_in_a_set_that_says_so) {
  BOOST_TEST(contains({"unix"}, ""));
  BOOST_TEST(!contains({"0.0.0.0/0", "::/0"}, ""));
  BOOST_TEST(!contains({"unix"}, "192.0.2.1"));
}

BOOST_AUTO_TEST_CASE(a_set_is_empty_without_entries) {
  BOOST_TEST(harpia::address_set{}.empty());
  BOOST_TEST(!harpia::address_set{{"unix"}}.empty());
  BOOST_TEST(!harpia::address_set{{"::1"}}.empty());
}

BOOST_AUTO_TEST_CASE(what_is_neither_address_nor_prefix_is_named) {
  for (const auto* bad : {"", "localhost", "10.0.0/8", "/8", "Unix", "[::1]", "::1%lo", "10.0.0.0 /8"})
    BOOST_TEST(refusal_of(bad) == "'"s + bad + "' is neither an address nor a prefix of addresses");
  for (const auto* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0"})
    BOOST_TEST(refusal_of(bad) == "'"s + bad + "' has no prefix length from 0 to 32");
  for (const auto* bad : {"fd00::/129", "fd00::/", "fd00::/99999999999999999999"})
    BOOST_TEST(refusal_of(bad) == "'"s + bad + "' has no prefix length from 0 to 128");
  for (const auto* bad : {"10.0.0.1/8", "192.0.2.1/31", "2001:db8::1/127", "fd00::1/0", "0.0.0.1/0"})
    BOOST_TEST(refusal_of(bad) == "'"s + bad + "' has bits behind its prefix");
}

BOOST_AUTO_TEST_SUITE_END()
