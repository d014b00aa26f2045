// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/forwarded_for.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Whose a request is that came from `peer` with these fields; 10.0.0.0/8, fd00::/8 and Unix sockets are trusted.
std::string client_of(std::string_view peer, const std::vector<std::string_view>& fields) {
  static const harpia::address_set trusted{{"10.0.0.0/8", "fd00::/8", "unix"}};
  std::vector<harpia::request::field> all{{"Host", "example.com"}};
  for (const auto value : fields)
    all.emplace_back("x-forwarded-for", value);
  return harpia::http::client_address(peer, {"GET", "/", all}, trusted);
}

} // namespace

BOOST_AUTO_TEST_SUITE(forwarded_for)

BOOST_AUTO_TEST_CASE(the_field_of_a_stranger_is_ignored) {
  BOOST_TEST(client_of("192.0.2.9", {"198.51.100.1"}) == "192.0.2.9");
  BOOST_TEST(client_of("192.0.2.9", {"10.0.0.1"}) == "192.0.2.9");
  BOOST_TEST(client_of("client", {"198.51.100.1"}) == "client");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_trusted_says_whom_it_heard) {
  BOOST_TEST(client_of("10.0.0.1", {"198.51.100.1"}) == "198.51.100.1");
  BOOST_TEST(client_of("fd00::1", {"2001:DB8:0::1"}) == "2001:db8::1");
  BOOST_TEST(client_of("", {"198.51.100.1"}) == "198.51.100.1");
}

BOOST_AUTO_TEST_CASE(the_last_address_that_is_not_trusted_counts_and_what_is_before_it_does_not) {
  BOOST_TEST(client_of("10.0.0.1", {"203.0.113.7, 198.51.100.1"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"203.0.113.7, 198.51.100.1, 10.0.0.2,\tfd00::3"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"10.0.0.9, 198.51.100.1, 10.0.0.2"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"<script>, 198.51.100.1"}) == "198.51.100.1");
}

BOOST_AUTO_TEST_CASE(several_fields_are_one_list) {
  BOOST_TEST(client_of("10.0.0.1", {"203.0.113.7", "198.51.100.1"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"203.0.113.7, 198.51.100.1", "10.0.0.2"}) == "198.51.100.1");
}

BOOST_AUTO_TEST_CASE(the_first_counts_if_all_are_trusted) {
  BOOST_TEST(client_of("10.0.0.1", {"10.0.0.3, 10.0.0.2"}) == "10.0.0.3");
}

BOOST_AUTO_TEST_CASE(a_proxy_counts_as_the_client_if_it_says_nothing) {
  BOOST_TEST(client_of("10.0.0.1", {}) == "10.0.0.1");
  BOOST_TEST(client_of("", {}) == "");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_makes_a_client_of_the_proxy_that_passed_it_on) {
  for (const auto* bad : {"", ",", "unknown", "_hidden", "198.51.100.1,", "198.51.100.1, ,", "198.51.100.1 10.0.0.2",
                          "example.com", "\"198.51.100.1\"", "fe80::1%eth0", "unix:"})
    BOOST_TEST(client_of("10.0.0.1", {bad}) == "10.0.0.1", bad);
  BOOST_TEST(client_of("10.0.0.1", {"198.51.100.1, unknown, 10.0.0.3, 10.0.0.2"}) == "10.0.0.3");
  BOOST_TEST(client_of("10.0.0.1", {"198.51.100.1", ""}) == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(a_port_is_left_out) {
  BOOST_TEST(client_of("10.0.0.1", {"198.51.100.1:4711"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"[2001:db8::1]:4711"}) == "2001:db8::1");
  BOOST_TEST(client_of("10.0.0.1", {"[2001:db8::1]"}) == "2001:db8::1");
  BOOST_TEST(client_of("10.0.0.1", {"198.51.100.1, 10.0.0.2:80"}) == "198.51.100.1");
  for (const auto* bad : {"198.51.100.1:", "198.51.100.1:65536", "198.51.100.1:x", "[2001:db8::1", "[2001:db8::1]x",
                          "[2001:db8::1]:", "[198.51.100.1]:80", "[]", ":80"})
    BOOST_TEST(client_of("10.0.0.1", {bad}) == "10.0.0.1", bad);
}

BOOST_AUTO_TEST_CASE(an_ipv4_address_in_ipv6_is_that_ipv4_address) {
  BOOST_TEST(client_of("::ffff:10.0.0.1", {"198.51.100.1, ::ffff:10.0.0.2"}) == "198.51.100.1");
  BOOST_TEST(client_of("10.0.0.1", {"::ffff:198.51.100.1"}) == "198.51.100.1");
}

BOOST_AUTO_TEST_SUITE_END()
