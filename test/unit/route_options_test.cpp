// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/route_options.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using harpia::validate;
using namespace std::chrono_literals;

namespace {

std::string refusal_of(const harpia::route_options& options) {
  try {
    validate(options);
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

std::string refusal_of_subprotocols(std::vector<std::string> names) {
  return refusal_of({.subprotocols = std::move(names)});
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_options)

BOOST_AUTO_TEST_CASE(the_defaults_are_valid) {
  BOOST_TEST(refusal_of({}) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_connection_must_be_able_to_receive_something) {
  BOOST_TEST(contains(refusal_of({.max_payload = 0}), "'max_payload'"));
  BOOST_TEST(refusal_of({.max_payload = 1}) == "accepted");
}

BOOST_AUTO_TEST_CASE(the_low_watermark_may_equal_the_high_one_but_not_exceed_it) {
  BOOST_TEST(refusal_of({.high_watermark = 100, .low_watermark = 100}) == "accepted");
  const auto refusal = refusal_of({.high_watermark = 100, .low_watermark = 101});
  BOOST_TEST(contains(refusal, "'low_watermark'"));
  BOOST_TEST(contains(refusal, "'high_watermark'"));
  BOOST_TEST(contains(refusal, "101 > 100"));
}

BOOST_AUTO_TEST_CASE(the_high_watermark_may_equal_the_limit_but_not_exceed_it) {
  BOOST_TEST(refusal_of({.high_watermark = 100, .low_watermark = 0, .max_buffered = 100}) == "accepted");
  const auto refusal = refusal_of({.high_watermark = 101, .low_watermark = 0, .max_buffered = 100});
  BOOST_TEST(contains(refusal, "'high_watermark'"));
  BOOST_TEST(contains(refusal, "'max_buffered'"));
  BOOST_TEST(contains(refusal, "101 > 100"));
}

BOOST_AUTO_TEST_CASE(all_watermarks_may_be_0_and_as_large_as_there_is) {
  constexpr auto largest = std::numeric_limits<std::size_t>::max();
  BOOST_TEST(refusal_of({.high_watermark = 0, .low_watermark = 0, .max_buffered = 0}) == "accepted");
  BOOST_TEST(refusal_of({.high_watermark = largest, .low_watermark = largest, .max_buffered = largest}) == "accepted");
}

BOOST_AUTO_TEST_CASE(an_idle_timeout_of_0_means_never_and_a_negative_one_nothing) {
  BOOST_TEST(refusal_of({.idle_timeout = 0ms}) == "accepted");
  const auto refusal = refusal_of({.idle_timeout = -1ms});
  BOOST_TEST(contains(refusal, "'idle_timeout'"));
  BOOST_TEST(contains(refusal, "-1 ms"));
}

BOOST_AUTO_TEST_CASE(the_jitter_of_a_lifetime_is_a_share) {
  for (const auto share : {0.0, 0.1, 1.0})
    BOOST_TEST(refusal_of({.max_lifetime_jitter = share}) == "accepted");
  BOOST_TEST(contains(refusal_of({.max_lifetime_jitter = -0.5}), "'max_lifetime_jitter' must be from 0 to 1, but is -0.5"));
  BOOST_TEST(contains(refusal_of({.max_lifetime_jitter = 1.5}), "'max_lifetime_jitter' must be from 0 to 1, but is 1.5"));
  BOOST_TEST(contains(refusal_of({.max_lifetime_jitter = std::numeric_limits<double>::quiet_NaN()}), "'max_lifetime_jitter'"));
}

BOOST_AUTO_TEST_CASE(a_max_lifetime_is_not_negative) {
  BOOST_TEST(refusal_of({.max_lifetime = 1ms}) == "accepted");
  BOOST_TEST(contains(refusal_of({.max_lifetime = -1ms}), "'max_lifetime' must not be negative, but is -1 ms"));
}

BOOST_AUTO_TEST_CASE(a_close_timeout_is_more_than_0) {
  BOOST_TEST(refusal_of({.close_timeout = 1ms}) == "accepted");
  BOOST_TEST(contains(refusal_of({.close_timeout = 0ms}), "'close_timeout' must be more than 0, but is 0 ms"));
  BOOST_TEST(contains(refusal_of({.close_timeout = -7ms}), "-7 ms"));
}

BOOST_AUTO_TEST_CASE(a_choice_is_one_of_those_that_there_are) {
  BOOST_TEST(contains(refusal_of({.on_limit = static_cast<harpia::on_limit>(4)}), "'on_limit' has no value 4"));
  BOOST_TEST(contains(refusal_of({.on_crash = static_cast<harpia::on_crash>(2)}), "'on_crash'"));
  BOOST_TEST(contains(refusal_of({.on_undecodable = static_cast<harpia::on_undecodable>(2)}), "'on_undecodable'"));
  BOOST_TEST(contains(refusal_of({.compression = static_cast<harpia::compression>(2)}), "'compression'"));
  BOOST_TEST(contains(refusal_of({.calls = static_cast<harpia::calls>(255)}), "'calls' has no value 255"));
  BOOST_TEST(contains(refusal_of({.deflate = {.client_context_takeover = static_cast<harpia::context_takeover>(2)}}),
                      "'deflate.client_context_takeover'"));
}

BOOST_AUTO_TEST_CASE(deflate_options_are_what_zlib_and_the_rfc_know) {
  BOOST_TEST(refusal_of({.deflate = {.server_max_window_bits = 9, .client_max_window_bits = 9, .level = 0, .memory_level = 1}})
             == "accepted");
  BOOST_TEST(refusal_of({.deflate = {.level = 9, .memory_level = 9, .threshold = 0}}) == "accepted");
  for (const int bits : {-1, 0, 8, 16}) {
    BOOST_TEST(contains(refusal_of({.deflate = {.server_max_window_bits = bits}}),
                        "'deflate.server_max_window_bits' must be from 9 to 15, but is " + std::to_string(bits)));
    BOOST_TEST(contains(refusal_of({.deflate = {.client_max_window_bits = bits}}), "'deflate.client_max_window_bits'"));
  }
  for (const int level : {-1, 10})
    BOOST_TEST(contains(refusal_of({.deflate = {.level = level}}), "'deflate.level' must be from 0 to 9"));
  for (const int level : {0, 10})
    BOOST_TEST(contains(refusal_of({.deflate = {.memory_level = level}}), "'deflate.memory_level' must be from 1 to 9"));
}

BOOST_AUTO_TEST_CASE(subprotocols_are_tokens) {
  BOOST_TEST(refusal_of_subprotocols({"graphql-transport-ws", "v1.chat", "!#$%&'*+-.^_`|~09azAZ"}) == "accepted");
  for (const std::string& bad :
       {std::string{}, std::string{"two words"}, std::string{"a,b"}, std::string{"a\tb"}, std::string{"a/b"},
        std::string{"\"a\""}, std::string{"a\r\nSet-Cookie: b"}, std::string{"caf\xc3\xa9"}, std::string{"a\0b", 3},
        std::string{"a\x7f"}, std::string{"a=b"}, std::string{"a@b"}}) {
    const auto refusal = refusal_of_subprotocols({"good", bad});
    BOOST_TEST(contains(refusal, "'subprotocols'"), "accepted: '" << bad << "'");
    BOOST_TEST(contains(refusal, std::string{"'"} + bad.c_str()));
  }
}

BOOST_AUTO_TEST_CASE(subprotocols_differ_and_case_makes_a_difference) {
  const auto refusal = refusal_of_subprotocols({"v1", "v2", "v1"});
  BOOST_TEST(contains(refusal, "'subprotocols'"));
  BOOST_TEST(contains(refusal, "'v1' occurs twice"));
  BOOST_TEST(refusal_of_subprotocols({"v1", "V1"}) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()
