// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/close_code.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <set>
#include <string>

using harpia::is_sendable;
using harpia::to_string;

namespace {

harpia::close_code numbered(unsigned number) {
  return harpia::close_code{static_cast<std::uint16_t>(number)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(close_code)

BOOST_AUTO_TEST_CASE(exactly_the_codes_that_rfc_6455_and_iana_allow_in_a_frame_are_sendable) {
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const bool registered = number >= 1000 && number <= 1014 && number != 1004 && number != 1005 && number != 1006;
    const bool for_applications = number >= 3000 && number <= 4999;
    BOOST_REQUIRE_MESSAGE(is_sendable(numbered(number)) == (registered || for_applications), "code " << number);
  }
}

BOOST_AUTO_TEST_CASE(codes_that_only_report_are_not_sendable) {
  BOOST_TEST(!is_sendable(harpia::close_code::no_status));
  BOOST_TEST(!is_sendable(harpia::close_code::abnormal));
  BOOST_TEST(!is_sendable(harpia::close_code::tls_handshake));
}

BOOST_AUTO_TEST_CASE(a_code_is_named_as_its_enumerator) {
  BOOST_TEST(to_string(harpia::close_code::normal) == "normal");
  BOOST_TEST(to_string(harpia::close_code::going_away) == "going_away");
  BOOST_TEST(to_string(harpia::close_code::message_too_big) == "message_too_big");
  BOOST_TEST(to_string(harpia::close_code::try_again_later) == "try_again_later");
  BOOST_TEST(to_string(harpia::close_code::tls_handshake) == "tls_handshake");
}

BOOST_AUTO_TEST_CASE(every_named_code_has_a_name_of_its_own_and_no_other_number_has_one) {
  std::set<std::string> names;
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const auto name = to_string(numbered(number));
    const bool named = number >= 1000 && number <= 1015 && number != 1004;
    BOOST_REQUIRE_MESSAGE(name.empty() != named, "code " << number << " is named '" << name << "'");
    if (named)
      BOOST_TEST(names.insert(std::string{name}).second, "'" << name << "' names two codes");
  }
}

BOOST_AUTO_TEST_CASE(a_code_and_the_longest_reason_fill_a_control_frame) {
  BOOST_TEST(sizeof(std::uint16_t) + harpia::max_close_reason == 125U); // RFC 6455, 5.5
}

BOOST_AUTO_TEST_SUITE_END()
