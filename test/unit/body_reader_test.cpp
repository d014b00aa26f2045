// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/body_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using reader = harpia::http::body_reader;
using state = reader::state;

struct outcome {
  state at;
  std::string body;
  std::size_t used;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Reads `bytes` whole and in pieces of each size, which must make no difference.
outcome read(const reader& fresh, std::string_view bytes) {
  const auto in_pieces = [&](std::size_t size) {
    auto tried = fresh;
    std::size_t used = 0;
    for (std::size_t i = 0; i < bytes.size() && tried.at() == state::incomplete; i += size)
      used += tried.read(bytes.substr(i, size));
    return outcome{tried.at(), tried.body(), used};
  };
  const auto whole = in_pieces(std::max<std::size_t>(bytes.size(), 1));
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto other = in_pieces(size);
    BOOST_TEST((other.at == whole.at && other.used == whole.used && (other.body == whole.body || other.at != state::complete)),
               bytes << " in pieces of " << size);
  }
  return whole;
}

outcome chunks(std::string_view bytes) {
  return read(reader::in_chunks(100, 1000), bytes);
}

bool is_malformed(std::string_view bytes) {
  return chunks(bytes).at == state::malformed;
}

} // namespace

BOOST_AUTO_TEST_SUITE(body_reader)

// RFC 9112, 6.2 and 6.3

BOOST_AUTO_TEST_CASE(a_length_is_kept_to) {
  BOOST_TEST((read(reader::of_length(5, 100), "hello, and more") == outcome{state::complete, "hello", 5}));
  BOOST_TEST((read(reader::of_length(5, 100), "hell") == outcome{state::incomplete, "hell", 4}));
  BOOST_TEST((read(reader::of_length(0, 100), "more") == outcome{state::complete, "", 0}));
  BOOST_TEST((read(reader::of_length(101, 100), "more") == outcome{state::too_large, "", 0}));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_connection_ends_a_body) {
  BOOST_TEST((read(reader::to_end(100), "hello") == outcome{state::incomplete, "hello", 5}));
  BOOST_TEST((read(reader::to_end(5), "hello") == outcome{state::incomplete, "hello", 5}));
  BOOST_TEST((read(reader::to_end(4), "hello") == outcome{state::too_large, "hell", 4}));
}

// RFC 9112, 7.1

BOOST_AUTO_TEST_CASE(chunks_are_put_together) {
  BOOST_TEST((chunks("5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\n\r\nnext") == outcome{state::complete, "hello, world", 32}));
  BOOST_TEST((chunks("0\r\n\r\n") == outcome{state::complete, "", 5}));
  BOOST_TEST((chunks("00A\r\n0123456789\r\n0\r\n\r\n") == outcome{state::complete, "0123456789", 22}));
  BOOST_TEST((chunks("b\r\n\r\n0\r\n\r\n\r\n..\r\n0\r\n\r\n") == outcome{state::complete, "\r\n0\r\n\r\n\r\n..", 21}));
  BOOST_TEST((chunks("5\r\nhello\r\n0\r\n").at == state::incomplete));
}

BOOST_AUTO_TEST_CASE(extensions_and_trailers_are_left_out) {
  BOOST_TEST(chunks("3;a=b;c=\"d e\"\r\nabc\r\n0;last\r\n\r\n").body == "abc");
  BOOST_TEST(chunks("3 \t; a = b\r\nabc\r\n0\r\n\r\n").body == "abc");
  BOOST_TEST(chunks("3;caf\xc3\xa9\r\nabc\r\n0\r\n\r\n").body == "abc");
  BOOST_TEST((chunks("0\r\nTrailer: x\r\nHost:\r\n\r\nnext") == outcome{state::complete, "", 24}));
}

BOOST_AUTO_TEST_CASE(what_is_no_chunk_is_malformed) {
  for (const auto bytes : {"\r\n"sv, "x\r\n"sv, "-1\r\n"sv, "0x5\r\n"sv, " 5\r\n"sv, "5\n"sv, "5\rhello"sv, "5 \r\n"sv,
                           "5 6\r\n"sv, ";a\r\n"sv, "10000000000000000\r\n"sv, "00000000000000005\r\n"sv, "5\r\nhelloX"sv,
                           "5\r\nhello\n"sv, "5\r\nhello\rX"sv, "5\r\nhello\r\n\r\n"sv})
    BOOST_TEST(is_malformed(bytes), bytes);
}

// Otherwise a proxy and this server could differ on where a request ends.
BOOST_AUTO_TEST_CASE(an_extension_ends_with_its_line_also_within_quotes) {
  BOOST_TEST(is_malformed("2;x=\"\nabc\r\n0\r\n\r\n"));
  BOOST_TEST(is_malformed("2;x\n"));
  BOOST_TEST(is_malformed("2;x\rab"));
  BOOST_TEST(is_malformed("2;x\0\r\n"sv));
  BOOST_TEST((chunks("2;x=\"\r\nab\r\n0\r\n\r\n\"\r\n") == outcome{state::complete, "ab", 16}));
}

BOOST_AUTO_TEST_CASE(what_is_no_trailer_is_malformed) {
  for (const auto bytes : {"0\r\n\n"sv, "0\r\nno colon\r\n"sv, "0\r\n: x\r\n"sv, "0\r\n folded\r\n"sv, "0\r\nA: x\n"sv,
                           "0\r\nA: \0\r\n"sv, "0\r\nA: x\r\rB"sv, "0\r\n\rX"sv})
    BOOST_TEST(is_malformed(bytes), bytes);
}

// Limits

BOOST_AUTO_TEST_CASE(a_body_in_chunks_is_limited_by_what_they_announce) {
  BOOST_TEST((chunks("64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n").at == state::complete));
  BOOST_TEST((chunks("65\r\n").at == state::too_large));
  BOOST_TEST((chunks("64\r\n" + std::string(100, 'x') + "\r\n1\r\n").at == state::too_large));
  BOOST_TEST((chunks("ffffffffffffffff\r\n").at == state::too_large));
}

BOOST_AUTO_TEST_CASE(what_is_no_content_is_limited) {
  BOOST_TEST((chunks("1;" + std::string(2000, 'a')).at == state::too_much_framing));
  BOOST_TEST((chunks("0\r\nA: " + std::string(2000, 'a')).at == state::too_much_framing));
  std::string small; // chunks of one byte are fine
  for (int i = 0; i < 100; ++i)
    small += "1\r\nx\r\n";
  BOOST_TEST((read(reader::in_chunks(100, 20), small + "0\r\n\r\n").at == state::complete));
}

BOOST_AUTO_TEST_SUITE_END()
