// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/envelope.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using harpia::websocket::make_envelope;
using harpia::websocket::parse_envelope;
using harpia::websocket::verb;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(envelope)

BOOST_AUTO_TEST_CASE(each_verb_is_a_word_and_an_id_on_a_line_before_the_payload) {
  BOOST_TEST(make_envelope(verb::call, 1, "how much?") == "call 1\nhow much?");
  BOOST_TEST(make_envelope(verb::reply, 42, "5\n6\n") == "reply 42\n5\n6\n");
  BOOST_TEST(make_envelope(verb::error, 0, "") == "error 0\n");
}

BOOST_AUTO_TEST_CASE(what_was_made_is_read_back) {
  for (const auto what : {verb::call, verb::reply, verb::error})
    for (const auto id : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1000}, std::numeric_limits<std::uint64_t>::max()})
      for (const auto payload : {""sv, "text"sv, "\n"sv, "call 1\nnested"sv, "\0\xff"sv}) {
        const auto message = make_envelope(what, id, payload);
        const auto read = parse_envelope(message);
        BOOST_REQUIRE(read.has_value());
        BOOST_TEST((read->verb == what));
        BOOST_TEST(read->id == id);
        BOOST_TEST(read->payload == payload);
      }
}

BOOST_AUTO_TEST_CASE(the_largest_id_is_that_of_64_bits) {
  BOOST_TEST(parse_envelope("call 18446744073709551615\n").has_value());
  BOOST_TEST(!parse_envelope("call 18446744073709551616\n").has_value());
  BOOST_TEST(!parse_envelope("call 99999999999999999999\n").has_value());
  BOOST_TEST(!parse_envelope("call 100000000000000000000\n").has_value());
}

BOOST_AUTO_TEST_CASE(whatever_differs_by_a_byte_is_an_ordinary_message) {
  for (const auto message :
       {""sv,          "c"sv,          "call"sv,       "call "sv,     "call \n"sv,    "call 1"sv,     "call 1 \n"sv,
        "call  1\n"sv, "call\t1\n"sv,  "call 1\r\n"sv, "call\n1\n"sv, "Call 1\n"sv,   " call 1\n"sv,  "call -1\n"sv,
        "call +1\n"sv, "call 0x1\n"sv, "call 1a\n"sv,  "call 01\n"sv, "call 00\n"sv,  "call 1.0\n"sv, "calls 1\n"sv,
        "call1\n"sv,   "reply\n"sv,    "replay 1\n"sv, "error 1"sv,   "cancel 1\n"sv, "call \0\n"sv})
    BOOST_TEST(!parse_envelope(message).has_value(), "taken for an envelope: '" << message << "'");
}

BOOST_AUTO_TEST_CASE(the_payload_is_borrowed_from_the_message) {
  const std::string message = "reply 12\nabc";
  BOOST_TEST((parse_envelope(message)->payload.data() == message.data() + 9));
}

BOOST_AUTO_TEST_SUITE_END()
