// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/error.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

using harpia::errc;
using harpia::error_kind;

namespace {

constexpr std::array all{errc::handler_threw,      errc::protocol_violation, errc::invalid_text,        errc::message_too_big,
                         errc::read_failed,        errc::write_failed,       errc::connection_lost,     errc::buffer_limit,
                         errc::idle_timeout,       errc::close_timeout,      errc::undecodable_message, errc::request_failed,
                         errc::unaccepted_message, errc::connect_failed,     errc::connect_timeout,     errc::handshake_refused};

/// Whether exactly `members` of all codes are equal to `condition`.
template <std::size_t Size>
void check_members(error_kind condition, const std::array<errc, Size>& members) {
  for (const auto code : all) {
    const bool expected = std::ranges::find(members, code) != members.end();
    BOOST_TEST((std::error_code{code} == condition) == expected, std::error_code{code} << " has the wrong condition");
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(a_code_converts_to_an_error_code_of_category_harpia) {
  const std::error_code code = errc::invalid_text;
  BOOST_TEST(std::string{code.category().name()} == "harpia");
  BOOST_TEST(code.value() == static_cast<int>(errc::invalid_text));
  BOOST_TEST((code == errc::invalid_text));
  BOOST_TEST((code != errc::message_too_big));
}

BOOST_AUTO_TEST_CASE(every_code_is_truthy_and_has_a_message_of_its_own) {
  std::set<std::string> messages{harpia::error_category().message(0)};
  for (const auto code : all) {
    BOOST_TEST(static_cast<bool>(std::error_code{code}));
    BOOST_TEST(messages.insert(std::error_code{code}.message()).second, std::error_code{code} << " shares its message");
  }
}

BOOST_AUTO_TEST_CASE(numbers_that_are_no_code_have_a_message_and_no_condition) {
  for (const int value : {0, -1, 17, 4711}) {
    const std::error_code code{value, harpia::error_category()};
    BOOST_TEST(code.message() == "unknown error");
    BOOST_TEST((code != error_kind::peer_fault));
    BOOST_TEST((code != error_kind::transport));
  }
}

BOOST_AUTO_TEST_CASE(what_a_peer_did_wrong_is_its_fault) {
  check_members(error_kind::peer_fault,
                std::array{errc::protocol_violation, errc::invalid_text, errc::message_too_big, errc::undecodable_message});
}

BOOST_AUTO_TEST_CASE(what_leaves_no_way_for_a_close_frame_is_the_transports) {
  check_members(error_kind::transport,
                std::array{errc::read_failed, errc::write_failed, errc::connection_lost, errc::idle_timeout, errc::close_timeout,
                           errc::connect_failed, errc::connect_timeout});
}

BOOST_AUTO_TEST_CASE(codes_of_other_categories_have_no_condition_of_ours) {
  for (int value = 1; value <= 13; ++value) {
    const std::error_code code{value, std::system_category()};
    BOOST_TEST((code != error_kind::peer_fault));
    BOOST_TEST((code != error_kind::transport));
  }
}

BOOST_AUTO_TEST_CASE(conditions_have_messages_of_their_own) {
  const std::error_condition peer_fault = error_kind::peer_fault;
  const std::error_condition transport = error_kind::transport;
  BOOST_TEST(peer_fault.message() != transport.message());
  BOOST_TEST(peer_fault.message() != std::error_condition(4711, peer_fault.category()).message());
  BOOST_TEST((peer_fault.category() == transport.category()));
  BOOST_TEST((peer_fault.category() != harpia::error_category()));
}

BOOST_AUTO_TEST_CASE(an_error_keeps_its_code_sentence_and_exception) {
  const harpia::error failed{
      errc::handler_threw, "'message' of /chat threw: boom", std::make_exception_ptr(std::runtime_error{"boom"})};
  const auto copy = failed;
  BOOST_TEST((copy.code() == errc::handler_threw));
  BOOST_TEST(copy.what() == "'message' of /chat threw: boom");
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(copy.cause()), std::runtime_error, [](const auto& cause) {
    return std::string{cause.what()} == "boom";
  });
}

BOOST_AUTO_TEST_CASE(an_error_that_no_handler_threw_has_no_cause) {
  const harpia::error failed{errc::connection_lost, "the peer vanished"};
  BOOST_TEST(!failed.cause());
  BOOST_TEST(!failed.position().has_value());
  BOOST_TEST((failed.code() == error_kind::transport));
}

BOOST_AUTO_TEST_CASE(an_error_in_a_message_tells_where_it_is) {
  const harpia::error failed{errc::undecodable_message, "a comma is missing", std::size_t{0}};
  BOOST_TEST(failed.position().value() == 0u);
  BOOST_TEST((failed.code() == error_kind::peer_fault));
}

BOOST_AUTO_TEST_SUITE_END()
