// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/pattern.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using harpia::routing::join;
using harpia::routing::max_segments;
using harpia::routing::segment;
using harpia::routing::segment_kind;

namespace {

harpia::routing::pattern parse(std::string_view text) {
  return harpia::routing::pattern::parse(text);
}

std::string normalised(std::string_view text) {
  return parse(text).to_string();
}

/// What `make` was refused with.
template <class Make>
std::string refusal_of(Make make) {
  try {
    return "accepted as " + make().to_string();
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
}

std::string parse_refusal(std::string_view text) {
  return refusal_of([&] { return parse(text); });
}

std::string join_refusal(std::string_view prefix, std::string_view text) {
  return refusal_of([&] { return join(prefix, text); });
}

void check_refused(std::string_view text, std::string_view why) {
  const auto refusal = parse_refusal(text);
  BOOST_TEST(refusal.starts_with("pattern '" + std::string{text} + "': "), refusal);
  BOOST_TEST(refusal.find(why) != std::string::npos, refusal);
}

std::string of_segments(std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i)
    result += "/s";
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pattern)

BOOST_AUTO_TEST_CASE(a_pattern_has_literals_params_and_a_tail) {
  const std::vector<segment> expected{
      {segment_kind::literal, "user"},
      {segment_kind::param, "user_Id2"},
      {segment_kind::literal, "files"},
      {segment_kind::tail, "*"}};
  BOOST_TEST((parse("/user/:user_Id2/files/*").segments() == expected));
}

BOOST_AUTO_TEST_CASE(the_root_has_no_segments) {
  BOOST_TEST(parse("/").segments().empty());
  BOOST_TEST(normalised("/") == "/");
}

BOOST_AUTO_TEST_CASE(one_trailing_slash_is_ignored) {
  BOOST_TEST(normalised("/chat/") == "/chat");
  BOOST_TEST(normalised("/:id/") == "/:id");
  BOOST_TEST(normalised("/files/*/") == "/files/*");
  BOOST_TEST((parse("/chat/") == parse("/chat")));
}

BOOST_AUTO_TEST_CASE(no_other_empty_segment_is_accepted) {
  for (const auto text : {"//", "//a", "/a//", "/a//b", "///"})
    check_refused(text, "a segment is empty");
}

BOOST_AUTO_TEST_CASE(a_pattern_begins_with_a_slash) {
  for (const auto text : {"", "chat", ":id", "*", "http://example.com/"})
    check_refused(text, "must begin with '/'");
}

BOOST_AUTO_TEST_CASE(a_name_is_not_empty_and_of_letters_digits_and_underscores) {
  for (const auto text : {"/:", "/:/x", "/::", "/:a:b", "/:id.json", "/:a-b", "/:a%62", "/:\xc3\xa9", "/:id?"})
    BOOST_TEST(parse_refusal(text).starts_with("pattern '" + std::string{text} + "'"), text);
  check_refused("/:a-b", "a name after ':'");
}

BOOST_AUTO_TEST_CASE(a_name_occurs_once) {
  check_refused("/:id/x/:id", "the name 'id' occurs twice");
  BOOST_TEST(normalised("/:id/id/:Id") == "/:id/id/:Id");
}

BOOST_AUTO_TEST_CASE(a_star_is_the_whole_last_segment) {
  for (const auto text : {"/*/a", "/a*", "/*a", "/**", "/*/*", "/a*/b", "/*/:id"})
    check_refused(text, "'*' must be the whole last segment");
  check_refused("/:a*", "'*' must be the whole last segment");
  check_refused("/*//", "'*' must be the whole last segment");
}

BOOST_AUTO_TEST_CASE(what_cannot_stand_in_a_path_is_refused) {
  for (const auto text : {"/a?b", "/a#b", "/a b", "/a\tb", "/a\r\n", "/\x7f", "/\x01"})
    check_refused(text, "must not contain");
  BOOST_CHECK_THROW(static_cast<void>(parse(std::string_view{"/a\0b", 4})), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_parameters_of_other_routers_are_refused_with_ours) {
  for (const auto* text : {"/{id}", "/rooms/{id}/x", "/{id:[0-9]+}"})
    check_refused(text, "a parameter is written ':name', not '{name}'");
}

BOOST_AUTO_TEST_CASE(malformed_percent_encoding_is_refused) {
  for (const auto text : {"/%", "/a%4", "/%zz", "/%/41"})
    check_refused(text, "a '%' must be followed by two hexadecimal digits");
}

BOOST_AUTO_TEST_CASE(literals_are_the_same_encoded_or_not) {
  BOOST_TEST((parse("/caf\xc3\xa9") == parse("/caf%c3%A9")));
  BOOST_TEST((parse("/%63hat") == parse("/chat")));
  BOOST_TEST((parse("/a%2Fb") != parse("/a/b")));
  BOOST_TEST(normalised("/caf\xc3\xa9/%63hat") == "/caf%C3%A9/chat");
}

BOOST_AUTO_TEST_CASE(encoded_special_characters_are_literal) {
  const std::vector<segment> expected{{segment_kind::literal, ":id"}, {segment_kind::literal, "*"}};
  BOOST_TEST((parse("/%3Aid/%2A").segments() == expected));
  BOOST_TEST((parse("/a:b").segments() == std::vector<segment>{{segment_kind::literal, "a:b"}}));
}

BOOST_AUTO_TEST_CASE(a_normalised_pattern_parses_to_an_equal_one) {
  for (const auto text : {"/", "/%3Aid/%2A", "/a%2Fb/", "/%25%41", "/%00%20%3F%23", "/a:b@c;d=e,f", "/:a/:b/*", "/%C3%A9\xff"}) {
    const auto once = parse(text);
    BOOST_TEST((parse(once.to_string()) == once), text << " became " << once.to_string());
  }
  BOOST_TEST(normalised("/%00%20%3f/a%2fb/%3aid/%2a") == "/%00%20%3F/a%2Fb/%3Aid/%2A");
}

BOOST_AUTO_TEST_CASE(a_pattern_has_at_most_128_segments) {
  BOOST_TEST(parse(of_segments(max_segments)).segments().size() == 128U);
  BOOST_TEST(parse(of_segments(max_segments) + "/").segments().size() == 128U);
  check_refused(of_segments(max_segments + 1), "more than 128 segments");
}

// join

BOOST_AUTO_TEST_CASE(a_prefix_goes_before_a_pattern) {
  BOOST_TEST(join("", "/x").to_string() == "/x");
  BOOST_TEST(join("/", "/x").to_string() == "/x");
  BOOST_TEST(join("/api", "/").to_string() == "/api");
  BOOST_TEST(join("/api/", "/x").to_string() == "/api/x");
  BOOST_TEST(join("/api/v1", "/x/*").to_string() == "/api/v1/x/*");
  BOOST_TEST(join("/:tenant", "/:id/").to_string() == "/:tenant/:id");
  BOOST_TEST(join("", "/").to_string() == "/");
  BOOST_TEST(join("/", "/").to_string() == "/");
}

BOOST_AUTO_TEST_CASE(joining_decodes_nothing_twice) {
  BOOST_TEST((join("/%2541", "/%3Aid").segments()
              == std::vector<segment>{{segment_kind::literal, "%41"}, {segment_kind::literal, ":id"}}));
}

BOOST_AUTO_TEST_CASE(a_prefix_has_no_star) {
  for (const auto prefix : {"/*", "/api/*", "/a*"})
    BOOST_TEST(join_refusal(prefix, "/x") == "pattern '" + std::string{prefix} + "': a prefix must not contain '*'");
  BOOST_TEST(join("/%2A", "/x").to_string() == "/%2A/x");
}

BOOST_AUTO_TEST_CASE(joining_refuses_what_parsing_refuses) {
  BOOST_TEST(join_refusal("api", "/x").starts_with("pattern 'api': must begin with '/'"));
  BOOST_TEST(join_refusal("/api", "x").starts_with("pattern 'x': must begin with '/'"));
  BOOST_TEST(join_refusal("/api", "").starts_with("pattern '': must begin with '/'"));
  BOOST_TEST(join_refusal("/api//", "/x").starts_with("pattern '/api//': "));
}

BOOST_AUTO_TEST_CASE(a_name_occurs_once_in_what_is_joined) {
  BOOST_TEST(join_refusal("/:id", "/x/:id") == "pattern '/:id/x/:id': the name 'id' occurs twice");
}

BOOST_AUTO_TEST_CASE(what_is_joined_has_at_most_128_segments) {
  BOOST_TEST(join(of_segments(100), of_segments(28)).segments().size() == 128U);
  BOOST_TEST(join_refusal(of_segments(100), of_segments(29)).ends_with("has more than 128 segments"));
}

BOOST_AUTO_TEST_SUITE_END()
