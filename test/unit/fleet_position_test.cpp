// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/message_id.hpp"
#include <harpia/position.hpp>

#include <boost/test/unit_test.hpp>

#include <compare>
#include <optional>
#include <string>
#include <string_view>

using harpia::position;
using harpia::fleet::message_id;

namespace {

const std::string_view garbage[] = {
    "",
    ".",
    "3f.",
    ".3",
    "3f",
    "3F.1",
    "3f.01",
    "03f.1",
    "+3f.1",
    "3f.+1",
    "3f.-1",
    "-3f.1",
    "3f.1 ",
    " 3f.1",
    "3f..1",
    "3f.1.1",
    "0.1",
    "g.1",
    "3f.a",
    "0x3f.1",
    "3f.18446744073709551616",
    "1000000000000.1"};

} // namespace

BOOST_AUTO_TEST_SUITE(fleet_position)

BOOST_AUTO_TEST_CASE(its_text_is_the_epoch_in_hexadecimal_a_dot_and_the_offset) {
  BOOST_TEST(to_string(position{0x3f9a1c, 1042}) == "3f9a1c.1042");
  BOOST_TEST(to_string(position{1, 0}) == "1.0");
}

BOOST_AUTO_TEST_CASE(its_text_is_read_back) {
  for (const auto& each : {position{0x3f9a1c, 1042}, {1, 0}, {position::max_epoch, ~std::uint64_t{0}}})
    BOOST_TEST((position::parse(to_string(each)) == each));
}

BOOST_AUTO_TEST_CASE(any_other_text_is_no_position) {
  for (const auto text : garbage)
    BOOST_TEST(!position::parse(text), "'" << text << "'");
  BOOST_TEST(!position::parse(std::string_view{"3f.1\0", 5}));
}

BOOST_AUTO_TEST_CASE(positions_of_one_epoch_are_ordered_by_offset) {
  BOOST_TEST((position{5, 1} < position{5, 2}));
  BOOST_TEST((position{5, 2} >= position{5, 2}));
}

BOOST_AUTO_TEST_CASE(positions_of_different_epochs_are_not_ordered) {
  BOOST_TEST(((position{5, 1} <=> position{6, 2}) == std::partial_ordering::unordered));
  BOOST_TEST(!(position{5, 1} < position{6, 2}));
  BOOST_TEST(!(position{5, 1} > position{6, 2}));
  BOOST_TEST((position{5, 1} != position{6, 1}));
}

BOOST_AUTO_TEST_CASE(the_text_of_a_message_id_is_read_back) {
  BOOST_TEST(to_string(message_id{7, 88}) == "n7.88");
  BOOST_TEST(to_string(message_id{7, 88, 2}) == "n7.88.2");
  BOOST_TEST(to_string(message_id{}) == "-");
  for (const auto& each : {message_id{7, 88}, {}, {7, 88, 3}, {~std::uint64_t{0}, ~std::uint64_t{0}}})
    BOOST_TEST((message_id::parse(to_string(each)) == each));
}

BOOST_AUTO_TEST_CASE(any_other_text_is_no_message_id) {
  for (const std::string_view text : {"", "n", "n.", "7.88", "n7", "n7.", "n7.0", "n0.1", "n07.1", "N7.1", "n7.88x", "--",
                                      "n7.-1", "n7.88.1", "n7.88.", "n7.88.2.3"})
    BOOST_TEST(!message_id::parse(text), "'" << text << "'");
}

BOOST_AUTO_TEST_SUITE_END()
