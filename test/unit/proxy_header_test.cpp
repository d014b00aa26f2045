// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/bytes.hpp"

#include "http/proxy_header.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace test = harpia::test;
using harpia::http::proxy_header_reader;

namespace {

using namespace std::string_literals;

/// What a header says: an address, "nobody", "incomplete" or "refused".
std::string outcome_of(proxy_header_reader::state state, const proxy_header_reader& reader) {
  switch (state) {
    case proxy_header_reader::state::incomplete: return "incomplete";
    case proxy_header_reader::state::failed: return "refused";
    case proxy_header_reader::state::complete: break;
  }
  return reader.source() ? reader.source()->to_string() : "nobody";
}

/// Reads a header whole, byte by byte, and with a request behind it, which must make no difference.
std::string read(std::string_view header) {
  proxy_header_reader whole;
  const auto outcome = outcome_of(whole.read(test::as_bytes(header)), whole);

  proxy_header_reader pieces;
  auto state = proxy_header_reader::state::incomplete;
  for (std::size_t i = 0; i < header.size(); ++i) {
    BOOST_TEST_REQUIRE((outcome == "refused" || state == proxy_header_reader::state::incomplete));
    state = pieces.read(test::as_bytes(header.substr(i, 1)));
  }
  BOOST_TEST(outcome_of(state, pieces) == outcome);

  if (outcome != "refused" && outcome != "incomplete") {
    proxy_header_reader followed;
    BOOST_TEST(outcome_of(followed.read(test::as_bytes(std::string{header} + "GET / HTTP/1.1\r\n\r\n")), followed) == outcome);
    BOOST_TEST(followed.used() == header.size());
    BOOST_TEST((followed.read(test::as_bytes("\r\n")) == proxy_header_reader::state::complete));
    BOOST_TEST(followed.used() == 0u);
  }
  return outcome;
}

/// A header of version 2 with a body of so many bytes as it says.
std::string block(unsigned version_and_command, unsigned family_and_transport, const std::string& body) {
  auto header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += static_cast<char>(version_and_command);
  header += static_cast<char>(family_and_transport);
  header += static_cast<char>(body.size() >> 8U);
  header += static_cast<char>(body.size() & 0xFFU);
  return header + body;
}

const auto from_ipv4 = "\xC0\x00\x02\x01\xC6\x33\x64\x01\x12\x34\x01\xBB"s; // 192.0.2.1:4660 to 198.51.100.1:443
const auto from_ipv6 = "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x01"s + std::string(15, '\0') + "\x01\x12\x34\x01\xBB"s;
const auto from_unix = "/run/client"s + std::string(97, '\0') + "/run/server"s + std::string(97, '\0');
const auto field = "\x04\x00\x03\x00\x00\x00"s; // PP2_TYPE_NOOP

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_header)

// Version 1

BOOST_AUTO_TEST_CASE(a_line_names_the_source) {
  BOOST_TEST(read("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n") == "192.0.2.1");
  BOOST_TEST(read("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n") == "255.255.255.255");
  BOOST_TEST(read("PROXY TCP4 192.0.2.1 198.51.100.1 0 0\r\n") == "192.0.2.1");
  BOOST_TEST(read("PROXY TCP6 2001:DB8::1 2001:db8::2 56324 443\r\n") == "2001:db8::1");
  BOOST_TEST(read("PROXY TCP6 ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n") == "refused");
  BOOST_TEST(read("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n")
             == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  BOOST_TEST(read("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.1 56324 443\r\n") == "192.0.2.1");
}

BOOST_AUTO_TEST_CASE(a_line_with_unknown_names_nobody_whatever_follows) {
  BOOST_TEST(read("PROXY UNKNOWN\r\n") == "nobody");
  BOOST_TEST(read("PROXY UNKNOWN 192.0.2.1 198.51.100.1 56324 443\r\n") == "nobody");
  BOOST_TEST(read("PROXY UNKNOWN anything at all\r\n") == "nobody");
  BOOST_TEST(read("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n")
             == "nobody"); // 107 bytes, the longest there may be
  BOOST_TEST(read("PROXY UNKNOWNS\r\n") == "refused");
}

BOOST_AUTO_TEST_CASE(a_line_of_more_than_107_bytes_is_refused_as_soon_as_it_is_that_long) {
  const auto longest = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
  BOOST_TEST_REQUIRE(longest.size() == 107u);
  BOOST_TEST(read(longest) == "nobody");
  BOOST_TEST(read("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n") == "refused");
  BOOST_TEST(read("PROXY UNKNOWN " + std::string(92, 'x')) == "incomplete");
  BOOST_TEST(read("PROXY UNKNOWN " + std::string(93, 'x')) == "refused");
}

BOOST_AUTO_TEST_CASE(a_line_ends_with_cr_lf) {
  BOOST_TEST(read("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n") == "refused");
  BOOST_TEST(read("PROXY UNKNOWN\rx") == "refused");
  BOOST_TEST(read("PROXY UNKNOWN\r\r") == "incomplete");
  BOOST_TEST(read("PROXY UNKNOWN\r\rx") == "refused");
  BOOST_TEST(read("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r") == "incomplete");
}

BOOST_AUTO_TEST_CASE(a_line_has_one_space_between_its_words_and_none_at_its_end) {
  for (const auto* bad :
       {"PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 192.0.2.1\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n", "PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.1  198.51.100.1 1 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n", "PROXY\tTCP4 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY\r\n"})
    BOOST_TEST(read(bad) == "refused", bad);
}

BOOST_AUTO_TEST_CASE(a_lines_addresses_are_of_its_protocol) {
  for (const auto* bad :
       {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 2001:db8::2 1 2\r\n", "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.01 198.51.100.1 1 2\r\n", "PROXY TCP4 192.0.2.1 localhost 1 2\r\n",
        "PROXY TCP4 ::ffff:192.0.2.1 198.51.100.1 1 2\r\n", "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
        "PROXY tcp4 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n"})
    BOOST_TEST(read(bad) == "refused", bad);
}

BOOST_AUTO_TEST_CASE(a_lines_ports_are_decimal_numbers_up_to_65535_without_leading_zeros) {
  for (const auto* bad : {"65536 2", "1 65536", "x 2", "1 x", "-1 2", "+1 2", "01 2", "1 00", "1 ", " 2", "1.0 2", "0x1 2"})
    BOOST_TEST(read("PROXY TCP4 192.0.2.1 198.51.100.1 "s + bad + "\r\n") == "refused", bad);
}

// Version 2

BOOST_AUTO_TEST_CASE(a_block_names_the_source) {
  BOOST_TEST(read(block(0x21, 0x11, from_ipv4)) == "192.0.2.1");
  BOOST_TEST(read(block(0x21, 0x21, from_ipv6)) == "2001:db8::1");
}

BOOST_AUTO_TEST_CASE(a_block_names_the_source_of_datagrams_too) {
  // As of QUIC, which the proxy speaks with the client.
  BOOST_TEST(read(block(0x21, 0x12, from_ipv4)) == "192.0.2.1");
  BOOST_TEST(read(block(0x21, 0x22, from_ipv6)) == "2001:db8::1");
}

BOOST_AUTO_TEST_CASE(additional_fields_are_skipped_and_need_not_make_sense) {
  BOOST_TEST(read(block(0x21, 0x11, from_ipv4 + field)) == "192.0.2.1");
  BOOST_TEST(read(block(0x21, 0x21, from_ipv6 + field + field)) == "2001:db8::1");
  BOOST_TEST(read(block(0x21, 0x11, from_ipv4 + "\x04\xFF\xFF"s)) == "192.0.2.1");
  BOOST_TEST(read(block(0x20, 0x00, field)) == "nobody");
}

BOOST_AUTO_TEST_CASE(local_names_nobody_whatever_follows) {
  BOOST_TEST(read(block(0x20, 0x00, "")) == "nobody");
  BOOST_TEST(read(block(0x20, 0x11, from_ipv4)) == "nobody");
  BOOST_TEST(read(block(0x20, 0x11, "x")) == "nobody");
  BOOST_TEST(read(block(0x20, 0xFF, "anything")) == "nobody");
}

BOOST_AUTO_TEST_CASE(unspecified_families_transports_and_unix_sockets_name_nobody) {
  BOOST_TEST(read(block(0x21, 0x00, "")) == "nobody");
  BOOST_TEST(read(block(0x21, 0x00, from_ipv4)) == "nobody");
  BOOST_TEST(read(block(0x21, 0x01, from_ipv4)) == "nobody");
  BOOST_TEST(read(block(0x21, 0x10, from_ipv4)) == "nobody");
  BOOST_TEST(read(block(0x21, 0x31, from_unix)) == "nobody");
  BOOST_TEST(read(block(0x21, 0x32, from_unix + field)) == "nobody");
}

BOOST_AUTO_TEST_CASE(other_versions_commands_families_and_transports_are_refused) {
  for (const unsigned bad : {0x11U, 0x31U, 0x01U, 0xF1U, 0x22U, 0x2FU})
    BOOST_TEST(read(block(bad, 0x11, from_ipv4)) == "refused");
  for (const unsigned bad : {0x41U, 0xF1U, 0x13U, 0x1FU, 0x23U, 0x33U})
    BOOST_TEST(read(block(0x21, bad, from_unix)) == "refused");
}

BOOST_AUTO_TEST_CASE(a_block_that_is_too_small_for_its_addresses_is_refused) {
  BOOST_TEST(read(block(0x21, 0x11, from_ipv4.substr(1))) == "refused");
  BOOST_TEST(read(block(0x21, 0x21, from_ipv6.substr(1))) == "refused");
  BOOST_TEST(read(block(0x21, 0x31, from_unix.substr(1))) == "refused");
  BOOST_TEST(read(block(0x21, 0x11, "")) == "refused");
}

BOOST_AUTO_TEST_CASE(a_block_of_more_than_4_kib_is_refused_before_it_has_come) {
  constexpr auto room = proxy_header_reader::max_size - 16;
  BOOST_TEST(read(block(0x21, 0x11, from_ipv4 + std::string(room - 12, 'x'))) == "192.0.2.1");
  const auto too_large = block(0x21, 0x11, from_ipv4 + std::string(room - 11, 'x'));
  BOOST_TEST(read(too_large.substr(0, 16)) == "refused");
  BOOST_TEST(read(block(0x20, 0x00, std::string(0xFFFF, 'x')).substr(0, 16)) == "refused");
}

// Neither

BOOST_AUTO_TEST_CASE(every_beginning_of_a_header_is_incomplete) {
  for (const auto& header : {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"s, "PROXY UNKNOWN\r\n"s,
                             block(0x21, 0x11, from_ipv4 + field), block(0x20, 0x00, "")})
    for (std::size_t size = 0; size < header.size(); ++size)
      BOOST_TEST(read(header.substr(0, size)) == "incomplete");
}

BOOST_AUTO_TEST_CASE(what_is_no_header_is_refused_at_its_first_wrong_byte) {
  const std::vector<std::string> first_ones{
      "G", "PROXX", "PROXYX", "PU", "\x16", "\n", "\r\n\r\n\r", "\r\n\r\n\0\r\nQUIT\r"s, "\0"s, " ", "p"};
  for (const auto& bad : first_ones) {
    BOOST_TEST(read(bad) == "refused");
    BOOST_TEST(read(bad.substr(0, bad.size() - 1)) == "incomplete");
    proxy_header_reader reader;
    BOOST_TEST((reader.read(test::as_bytes(bad + "and more")) == proxy_header_reader::state::failed));
    BOOST_TEST(reader.used() == bad.size());
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_after_the_end) {
  proxy_header_reader reader;
  BOOST_TEST(!reader.started());
  BOOST_TEST((reader.read(test::as_bytes("GET")) == proxy_header_reader::state::failed));
  BOOST_TEST(reader.started());
  BOOST_TEST(reader.used() == 1u);
  BOOST_TEST((reader.read(test::as_bytes("PROXY UNKNOWN\r\n")) == proxy_header_reader::state::failed));
  BOOST_TEST(reader.used() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
