// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/route_table.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using harpia::routing::max_segments;
using harpia::routing::pattern;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// A table in which every value is its pattern as it was written.
using table = harpia::routing::route_table<std::string>;

table table_of(std::initializer_list<std::string_view> patterns) {
  table result;
  for (const auto text : patterns)
    result.insert(pattern::parse(text), std::string{text});
  return result;
}

/// What `path` leads to: "/user/:id id=7", or "(none)".
std::string found(const table& routes, std::string_view path) {
  const auto match = routes.find(path);
  if (!match)
    return "(none)";
  auto result = *match->value;
  for (const auto& [name, value] : match->params)
    result.append(" ").append(name).append("=").append(value);
  return result;
}

std::string refusal_of(table& routes, std::string_view text) {
  try {
    routes.insert(pattern::parse(text), std::string{text});
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_table)

BOOST_AUTO_TEST_CASE(an_empty_table_matches_nothing) {
  const table routes;
  BOOST_TEST(routes.empty());
  BOOST_TEST(routes.size() == 0U);
  BOOST_TEST(found(routes, "/") == "(none)");
  BOOST_TEST(found(routes, "") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_literal_matches_itself_only) {
  const auto routes = table_of({"/chat", "/chat/lobby"});
  BOOST_TEST(found(routes, "/chat") == "/chat");
  BOOST_TEST(found(routes, "/chat/lobby") == "/chat/lobby");
  for (const auto path : {"/", "/cha", "/chats", "/Chat", "/chat/x", "/chat/lobby/x", "/lobby", "chat", "", "*", "x/chat"})
    BOOST_TEST(found(routes, path) == "(none)", path);
}

BOOST_AUTO_TEST_CASE(the_root_matches_one_slash_only) {
  const auto routes = table_of({"/"});
  BOOST_TEST(found(routes, "/") == "/");
  BOOST_TEST(found(routes, "//") == "(none)");
  BOOST_TEST(found(routes, "") == "(none)");
  BOOST_TEST(found(routes, "/x") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_path_matches_with_one_final_slash_and_not_with_two) {
  const auto routes = table_of({"/chat", "/user/:id"});
  BOOST_TEST(found(routes, "/chat/") == "/chat");
  BOOST_TEST(found(routes, "/chat//") == "(none)");
  BOOST_TEST(found(routes, "/user/7/") == "/user/:id id=7");
  BOOST_TEST(found(routes, "/user/7//") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_param_takes_one_segment_that_is_not_empty) {
  const auto routes = table_of({"/user/:id", "/user/:name/posts/:post"});
  BOOST_TEST(found(routes, "/user/7") == "/user/:id id=7");
  BOOST_TEST(found(routes, "/user/ann/posts/1") == "/user/:name/posts/:post name=ann post=1");
  BOOST_TEST(found(routes, "/user/:id") == "/user/:id id=:id");
  for (const auto path : {"/user", "/user/", "/user//", "/user//posts/1", "/user/ann/posts", "/user/ann/posts/", "/user/7/x"})
    BOOST_TEST(found(routes, path) == "(none)", path);
}

BOOST_AUTO_TEST_CASE(a_tail_takes_the_rest_which_may_be_empty) {
  const auto routes = table_of({"/files/*"});
  BOOST_TEST(found(routes, "/files") == "/files/* *=");
  BOOST_TEST(found(routes, "/files/") == "/files/* *=");
  BOOST_TEST(found(routes, "/files/a") == "/files/* *=a");
  BOOST_TEST(found(routes, "/files/a/b.txt") == "/files/* *=a/b.txt");
  BOOST_TEST(found(routes, "/files/a/") == "/files/* *=a");
  BOOST_TEST(found(routes, "/files//a//b") == "/files/* *=/a//b");
  BOOST_TEST(found(routes, "/filesystem") == "(none)");
  BOOST_TEST(found(routes, "/") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_tail_at_the_root_takes_every_path) {
  const auto routes = table_of({"/*"});
  BOOST_TEST(found(routes, "/") == "/* *=");
  BOOST_TEST(found(routes, "//") == "/* *=");
  BOOST_TEST(found(routes, "/a/b") == "/* *=a/b");
  BOOST_TEST(found(routes, "") == "(none)");
  BOOST_TEST(found(routes, "a") == "(none)");
}

BOOST_AUTO_TEST_CASE(params_and_a_tail_come_in_the_order_of_the_pattern) {
  const auto routes = table_of({"/:z/x/:a/*"});
  BOOST_TEST(found(routes, "/1/x/2/3/4") == "/:z/x/:a/* z=1 a=2 *=3/4");
}

BOOST_AUTO_TEST_CASE(a_literal_beats_a_param_and_a_param_a_tail_in_any_order_of_registration) {
  for (const auto& routes :
       {table_of({"/a/b", "/a/:x", "/a/*"}), table_of({"/a/*", "/a/:x", "/a/b"}), table_of({"/a/:x", "/a/*", "/a/b"})}) {
    BOOST_TEST(found(routes, "/a/b") == "/a/b");
    BOOST_TEST(found(routes, "/a/c") == "/a/:x x=c");
    BOOST_TEST(found(routes, "/a/b/c") == "/a/* *=b/c");
    BOOST_TEST(found(routes, "/a") == "/a/* *=");
  }
}

BOOST_AUTO_TEST_CASE(an_exact_end_beats_an_empty_tail) {
  const auto routes = table_of({"/a/*", "/a"});
  BOOST_TEST(found(routes, "/a") == "/a");
  BOOST_TEST(found(routes, "/a/") == "/a");
}

BOOST_AUTO_TEST_CASE(the_leftmost_segment_decides) {
  const auto routes = table_of({"/:x/b", "/a/:y", "/a/*", "/:x/*"});
  BOOST_TEST(found(routes, "/a/b") == "/a/:y y=b");
  BOOST_TEST(found(routes, "/a") == "/a/* *=");
  BOOST_TEST(found(routes, "/c/b") == "/:x/b x=c");
  BOOST_TEST(found(routes, "/c/d") == "/:x/* x=c *=d");
}

BOOST_AUTO_TEST_CASE(a_literal_that_leads_nowhere_gives_way_to_a_param) {
  const auto routes = table_of({"/user/me/settings", "/user/:id/posts", "/*"});
  BOOST_TEST(found(routes, "/user/me/settings") == "/user/me/settings");
  BOOST_TEST(found(routes, "/user/me/posts") == "/user/:id/posts id=me");
  BOOST_TEST(found(routes, "/user/me/photos") == "/* *=user/me/photos");
  BOOST_TEST(found(routes, "/user/me") == "/* *=user/me");
}

BOOST_AUTO_TEST_CASE(names_given_up_on_the_way_back_are_forgotten) {
  const auto routes = table_of({"/:a/:b/x", "/:c/*"});
  BOOST_TEST(found(routes, "/1/2/y") == "/:c/* c=1 *=2/y");
}

BOOST_AUTO_TEST_CASE(segments_are_compared_after_percent_decoding) {
  const auto routes = table_of({"/caf%C3%A9", "/a%20b/:x"});
  BOOST_TEST(found(routes, "/caf\xc3\xa9") == "/caf%C3%A9");
  BOOST_TEST(found(routes, "/%63af%c3%a9") == "/caf%C3%A9");
  BOOST_TEST(found(routes, "/a%20b/%63") == "/a%20b/:x x=c");
}

BOOST_AUTO_TEST_CASE(an_encoded_slash_stays_inside_its_segment) {
  const auto routes = table_of({"/user/:id", "/a/b", "/files/*"});
  BOOST_TEST(found(routes, "/user/a%2Fb") == "/user/:id id=a/b");
  BOOST_TEST(found(routes, "/user%2F7") == "(none)");
  BOOST_TEST(found(routes, "/a%2Fb") == "(none)");
  BOOST_TEST(found(routes, "/files/a%2fb/c%20d") == "/files/* *=a/b/c d");
}

BOOST_AUTO_TEST_CASE(encoded_special_characters_are_ordinary_ones) {
  const auto routes = table_of({"/%3Aid", "/%2A/x"});
  BOOST_TEST(found(routes, "/:id") == "/%3Aid");
  BOOST_TEST(found(routes, "/7") == "(none)");
  BOOST_TEST(found(routes, "/*/x") == "/%2A/x");
  BOOST_TEST(found(routes, "/a/x") == "(none)");
}

BOOST_AUTO_TEST_CASE(values_are_decoded_once_and_may_hold_any_byte) {
  const auto routes = table_of({"/:a/:b/*"});
  BOOST_TEST(found(routes, "/%2541/%00/%2e%2e/+") == "/:a/:b/* a=%41 b=\0 *=../+"s);
}

BOOST_AUTO_TEST_CASE(many_encoded_segments_do_not_disturb_one_another) {
  const auto routes = table_of({"/:a/:b/:c/:d/*"});
  const auto longer = repeated("%41", 100);
  BOOST_TEST(found(routes, "/%61/" + longer + "/plain/%64/" + longer)
             == "/:a/:b/:c/:d/* a=a b=" + repeated("A", 100) + " c=plain d=d *=" + repeated("A", 100));
}

BOOST_AUTO_TEST_CASE(malformed_percent_encoding_anywhere_matches_nothing) {
  const auto routes = table_of({"/a/:x", "/a/*", "/*"});
  for (const auto path : {"/%", "/%4", "/a/%zz", "/a/b/%4", "/%zz/b", "/a/%/41", "/a/b%"})
    BOOST_TEST(found(routes, path) == "(none)", path);
}

BOOST_AUTO_TEST_CASE(a_path_has_at_most_128_segments) {
  const auto routes = table_of({"/*"});
  BOOST_TEST(found(routes, repeated("/s", max_segments)) != "(none)");
  BOOST_TEST(found(routes, repeated("/s", max_segments) + "/") != "(none)");
  BOOST_TEST(found(routes, repeated("/s", max_segments + 1)) == "(none)");
  BOOST_TEST(found(routes, repeated("/", 100'000)) == "(none)");
}

BOOST_AUTO_TEST_CASE(the_longest_pattern_is_found) {
  const auto longest = repeated("/s", max_segments - 1) + "/*";
  const auto routes = table_of({longest});
  BOOST_TEST(found(routes, repeated("/s", max_segments - 1)) == longest + " *=");
  BOOST_TEST(found(routes, repeated("/s", max_segments)) == longest + " *=s");
}

BOOST_AUTO_TEST_CASE(a_path_that_fails_at_its_end_tries_every_branch_and_stops) {
  // Every way through a choice of literal or param at each of ten segments, none of which ends as the path does.
  table routes;
  for (unsigned choice = 0; choice < 1024; ++choice) {
    std::string text;
    for (unsigned at = 0; at < 10; ++at)
      text += (choice >> at & 1U) != 0 ? "/:p" + std::to_string(at) : "/a"s;
    routes.insert(pattern::parse(text + "/end"), text);
  }
  BOOST_TEST(routes.size() == 1024U);
  BOOST_TEST(found(routes, repeated("/a", 10) + "/other") == "(none)");
  BOOST_TEST(found(routes, repeated("/a", 10) + "/end") == repeated("/a", 10));
  BOOST_TEST(found(routes, repeated("/a", 9) + "/b/end") == repeated("/a", 9) + "/:p9 p9=b");
}

BOOST_AUTO_TEST_CASE(thousands_of_routes_are_told_apart) {
  table routes;
  for (int i = 0; i < 5000; ++i)
    routes.insert(pattern::parse("/r" + std::to_string(i) + "/:id"), std::to_string(i));
  BOOST_TEST(found(routes, "/r0/x") == "0 id=x");
  BOOST_TEST(found(routes, "/r4999/x") == "4999 id=x");
  BOOST_TEST(found(routes, "/r5000/x") == "(none)");
}

// insert

BOOST_AUTO_TEST_CASE(a_pattern_of_the_same_shape_is_refused_with_both_names) {
  auto routes = table_of({"/user/:id"});
  BOOST_TEST(refusal_of(routes, "/user/:name") == "duplicate route '/user/:name': '/user/:id' is registered already");
  BOOST_TEST(refusal_of(routes, "/user/:id") == "duplicate route '/user/:id': '/user/:id' is registered already");
}

BOOST_AUTO_TEST_CASE(spelling_does_not_make_a_different_shape) {
  auto routes = table_of({"/", "/chat", "/files/*", "/caf\xc3\xa9"});
  BOOST_TEST(refusal_of(routes, "/") == "duplicate route '/': '/' is registered already");
  BOOST_TEST(refusal_of(routes, "/%63hat/") == "duplicate route '/chat': '/chat' is registered already");
  BOOST_TEST(refusal_of(routes, "/files/*/") == "duplicate route '/files/*': '/files/*' is registered already");
  BOOST_TEST(refusal_of(routes, "/caf%C3%A9") == "duplicate route '/caf%C3%A9': '/caf%C3%A9' is registered already");
}

BOOST_AUTO_TEST_CASE(patterns_of_different_shapes_live_together) {
  auto routes = table_of({"/user/:id"});
  for (const auto text : {"/user", "/user/*", "/user/:name/x", "/:x/:y", "/user/%3Aid", "/*", "/", "/User/:id"})
    BOOST_TEST(refusal_of(routes, text) == "accepted", text);
  BOOST_TEST(routes.size() == 9U);
}

BOOST_AUTO_TEST_CASE(a_refused_pattern_leaves_the_table_as_it_was) {
  auto routes = table_of({"/user/:id"});
  BOOST_REQUIRE(refusal_of(routes, "/user/:name") != "accepted");
  BOOST_TEST(routes.size() == 1U);
  BOOST_TEST(found(routes, "/user/7") == "/user/:id id=7");
}

// entries

BOOST_AUTO_TEST_CASE(entries_are_visited_in_the_order_of_registration) {
  const auto routes = table_of({"/z/*", "/a", "/:m/", "/"});
  std::vector<std::string> visited;
  routes.for_each([&](const pattern& route, const std::string& value) { visited.push_back(route.to_string() + " " + value); });
  BOOST_TEST(visited == (std::vector{"/z/* /z/*"s, "/a /a"s, "/:m /:m/"s, "/ /"s}), boost::test_tools::per_element());
  BOOST_TEST(routes.size() == 4U);
  BOOST_TEST(!routes.empty());
}

BOOST_AUTO_TEST_CASE(values_stay_where_they_are_while_the_table_grows_and_moves) {
  auto routes = table_of({"/first"});
  const auto* value = routes.find("/first").value().value;
  for (int i = 0; i < 100; ++i)
    routes.insert(pattern::parse("/" + std::to_string(i)), {});
  const auto moved = std::move(routes);
  BOOST_TEST(moved.find("/first").value().value == value);
  BOOST_TEST(*value == "/first");
}

BOOST_AUTO_TEST_CASE(a_moved_from_table_is_empty_and_usable) {
  static_assert(std::is_nothrow_move_constructible_v<table> && std::is_nothrow_move_assignable_v<table>);
  auto routes = table_of({"/a", "/:x", "/*"});
  const auto moved = std::move(routes);
  BOOST_TEST(routes.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
  BOOST_TEST(found(routes, "/a") == "(none)");
  BOOST_TEST(refusal_of(routes, "/a") == "accepted");
  BOOST_TEST(found(routes, "/a") == "/a");
  BOOST_TEST(found(moved, "/b") == "/:x x=b");
}

BOOST_AUTO_TEST_CASE(values_need_not_be_copyable) {
  harpia::routing::route_table<std::unique_ptr<int>> routes;
  routes.insert(pattern::parse("/a"), std::make_unique<int>(7));
  BOOST_TEST(**routes.find("/a").value().value == 7);
}

BOOST_AUTO_TEST_SUITE_END()
