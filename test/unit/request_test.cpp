// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/request.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using harpia::percent_decode;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

harpia::request get(std::string_view target) {
  return {"GET", target, {}};
}

harpia::request with(const std::vector<harpia::request::field>& fields) {
  return {"GET", "/", fields};
}

std::string query(std::string_view target, std::string_view name) {
  return get(target).query(name).value_or("(none)");
}

std::string cookie(std::string_view header, std::string_view name) {
  return std::string{with({{"Cookie", header}}).cookie(name).value_or("(none)")};
}

std::string header(const harpia::request& request, std::string_view name) {
  return std::string{request.header(name).value_or("(none)")};
}

} // namespace

BOOST_AUTO_TEST_SUITE(request)

// request line

BOOST_AUTO_TEST_CASE(a_target_has_a_path_and_a_query) {
  const auto request = get("/chat/lobby?name=Ann&x=1");
  BOOST_TEST(request.method() == "GET");
  BOOST_TEST(request.target() == "/chat/lobby?name=Ann&x=1");
  BOOST_TEST(request.path() == "/chat/lobby");
  BOOST_TEST(request.query_string() == "name=Ann&x=1");
}

BOOST_AUTO_TEST_CASE(without_a_question_mark_there_is_no_query) {
  BOOST_TEST(get("/chat").path() == "/chat");
  BOOST_TEST(get("/chat").query_string() == "");
  BOOST_TEST(!get("/chat").query("chat"));
}

BOOST_AUTO_TEST_CASE(only_the_first_question_mark_ends_the_path) {
  BOOST_TEST(get("/a?b?c=d").path() == "/a");
  BOOST_TEST(get("/a?b?c=d").query_string() == "b?c=d");
  BOOST_TEST(query("/a?b?c=d", "b?c") == "d");
  BOOST_TEST(get("/a?").path() == "/a");
  BOOST_TEST(get("/a?").query_string() == "");
}

BOOST_AUTO_TEST_CASE(path_and_target_are_not_decoded) {
  BOOST_TEST(get("/a%2Fb/%zz?c=%20").path() == "/a%2Fb/%zz");
  BOOST_TEST(get("/a%2Fb/%zz?c=%20").query_string() == "c=%20");
}

BOOST_AUTO_TEST_CASE(a_request_without_anything_answers_nothing) {
  const harpia::request request;
  BOOST_TEST(request.method() == "");
  BOOST_TEST(request.target() == "");
  BOOST_TEST(request.path() == "");
  BOOST_TEST(request.query_string() == "");
  BOOST_TEST(request.param("x") == "");
  BOOST_TEST(!request.query(""));
  BOOST_TEST(!request.header(""));
  BOOST_TEST(!request.cookie(""));
  BOOST_TEST(request.header_all("Host").empty());
}

BOOST_AUTO_TEST_CASE(a_copy_does_not_depend_on_its_original) {
  auto original = std::optional<harpia::request>{std::in_place, "GET", "/x?y=z", std::vector<harpia::request::field>{{"A", "b"}}};
  const auto copy = *original;
  original.reset();
  BOOST_TEST(copy.path() == "/x");
  BOOST_TEST(copy.header("a").value() == "b");
}

// param

BOOST_AUTO_TEST_CASE(param_answers_what_was_set_as_it_was_set) {
  auto request = get("/");
  request.set_params({{"id", "a%20b/c"}, {"*", ""}, {"room", "x"}});
  BOOST_TEST(request.param("id") == "a%20b/c");
  BOOST_TEST(request.param("room") == "x");
  BOOST_TEST(request.param("*") == "");
  BOOST_TEST(request.param("ID") == "");
  BOOST_TEST(request.param("") == "");
}

BOOST_AUTO_TEST_CASE(setting_params_replaces_the_old_ones) {
  auto request = get("/");
  request.set_params({{"old", "1"}});
  request.set_params({{"new", "2"}});
  BOOST_TEST(request.param("old") == "");
  BOOST_TEST(request.param("new") == "2");
}

// query

BOOST_AUTO_TEST_CASE(query_values_are_form_decoded) {
  BOOST_TEST(query("/?q=a+b%20c%2Bd", "q") == "a b c+d");
  BOOST_TEST(query("/?q=caf%C3%A9", "q") == "caf\xc3\xa9");
  BOOST_TEST(query("/?q=%00", "q") == "\0"s);
}

BOOST_AUTO_TEST_CASE(query_names_are_form_decoded) {
  BOOST_TEST(query("/?first+name=Ann", "first name") == "Ann");
  BOOST_TEST(query("/?%6Eame=Ann", "name") == "Ann");
  BOOST_TEST(query("/?first+name=Ann", "first+name") == "(none)");
}

BOOST_AUTO_TEST_CASE(malformed_percent_encoding_in_a_query_stands_for_itself) {
  BOOST_TEST(query("/?q=100%", "q") == "100%");
  BOOST_TEST(query("/?q=%4", "q") == "%4");
  BOOST_TEST(query("/?q=%zz%41", "q") == "%zzA");
  BOOST_TEST(query("/?q=%%41", "q") == "%A");
  BOOST_TEST(query("/?q=%4&x=1", "q") == "%4");
  BOOST_TEST(query("/?%=1", "%") == "1");
}

BOOST_AUTO_TEST_CASE(decoding_happens_once) {
  BOOST_TEST(query("/?q=%2541", "q") == "%41");
  BOOST_TEST(query("/?q=%2B", "q") == "+");
}

BOOST_AUTO_TEST_CASE(encoded_separators_separate_nothing) {
  BOOST_TEST(query("/?a=1%26b=2", "b") == "(none)");
  BOOST_TEST(query("/?a%3D1=2", "a") == "(none)");
  BOOST_TEST(query("/?a%3D1=2", "a=1") == "2");
}

BOOST_AUTO_TEST_CASE(the_first_of_several_values_counts) {
  BOOST_TEST(query("/?a=1&a=2", "a") == "1");
}

BOOST_AUTO_TEST_CASE(only_the_first_equals_sign_ends_a_name) {
  BOOST_TEST(query("/?token=YQ==", "token") == "YQ==");
}

BOOST_AUTO_TEST_CASE(a_name_without_a_value_has_an_empty_one) {
  BOOST_TEST(query("/?flag&a=1", "flag") == "");
  BOOST_TEST(query("/?a=1&flag=", "flag") == "");
  BOOST_TEST(query("/?=x", "") == "x");
}

BOOST_AUTO_TEST_CASE(empty_pieces_of_a_query_are_no_pairs) {
  BOOST_TEST(query("/?&&a=1&", "a") == "1");
  BOOST_TEST(query("/?&&a=1&", "") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_name_matches_as_a_whole_and_with_case) {
  BOOST_TEST(query("/?name=1&nam=2", "nam") == "2");
  BOOST_TEST(query("/?Name=1", "name") == "(none)");
}

// header

BOOST_AUTO_TEST_CASE(header_names_are_compared_without_case) {
  const auto request = with({{"Host", "a.example"}, {"X-Token", "Abc"}});
  BOOST_TEST(header(request, "host") == "a.example");
  BOOST_TEST(header(request, "HOST") == "a.example");
  BOOST_TEST(header(request, "x-tOKEN") == "Abc");
}

BOOST_AUTO_TEST_CASE(only_ascii_letters_have_case_in_a_header_name) {
  BOOST_TEST(header(with({{"a@b", "x"}, {"a[b", "y"}}), "a`b") == "(none)");
  BOOST_TEST(header(with({{"a[b", "y"}}), "a{b") == "(none)");
  BOOST_TEST(header(with({{"\xc3\x84", "y"}}), "\xc3\xa4") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_header_name_matches_as_a_whole) {
  const auto request = with({{"Accept-Language", "de"}, {"X-Accept", "1"}});
  BOOST_TEST(header(request, "Accept") == "(none)");
  BOOST_TEST(header(request, "Language") == "(none)");
  BOOST_TEST(header(request, "Accept-Language: de") == "(none)");
  BOOST_TEST(header(request, "") == "(none)");
  BOOST_TEST(header(with({{"Origin", "https://a:1"}}), "Origin: https") == "(none)");
}

BOOST_AUTO_TEST_CASE(all_fields_are_given_in_their_order) {
  const auto request = with({{"Host", "x"}, {"A", " padded\t"}, {"a", ""}, {"A", "b: c"}, {"Odd:name", "1"}});
  const std::vector<harpia::request::field> expected{{"Host", "x"}, {"A", "padded"}, {"a", ""}, {"A", "b: c"}, {"Odd name", "1"}};
  BOOST_TEST((request.fields() == expected));
  BOOST_TEST(with({}).fields().empty());
  BOOST_TEST(harpia::request{}.fields().empty());
}

BOOST_AUTO_TEST_CASE(the_request_line_is_no_header) {
  const harpia::request request{"GET", "/a:b", {{"Host", "x"}}};
  BOOST_TEST(header(request, "GET /a") == "(none)");
  BOOST_TEST(request.path() == "/a:b");
}

BOOST_AUTO_TEST_CASE(the_first_of_several_fields_answers_and_all_are_to_be_had_in_order) {
  const auto request = with({{"Via", "1"}, {"Host", "h"}, {"via", "2"}, {"VIA", ""}});
  BOOST_TEST(header(request, "Via") == "1");
  BOOST_TEST(request.header_all("Via") == (std::vector{"1"sv, "2"sv, ""sv}), boost::test_tools::per_element());
  BOOST_TEST(request.header_all("Via-").empty());
}

BOOST_AUTO_TEST_CASE(values_come_without_surrounding_white_space_and_otherwise_as_they_were) {
  BOOST_TEST(header(with({{"A", " \t b \t c:d \t"}}), "a") == "b \t c:d");
  BOOST_TEST(header(with({{"A", " \t "}}), "a") == "");
  BOOST_TEST(header(with({{"A", ""}}), "a") == "");
}

BOOST_AUTO_TEST_CASE(a_value_cannot_smuggle_in_another_field) {
  const auto request = with({{"A", "x\r\nAdmin: yes\n\nB: c\r\0d"sv}, {"Last", "z"}});
  BOOST_TEST(header(request, "Admin") == "(none)");
  BOOST_TEST(header(request, "B") == "(none)");
  BOOST_TEST(header(request, "A") == "x  Admin: yes  B: c  d");
  BOOST_TEST(header(request, "Last") == "z");
}

BOOST_AUTO_TEST_CASE(a_name_cannot_smuggle_in_another_field) {
  const auto request = with({{"A\r\nAdmin", "yes"}, {"Admin: no\r\nX", "1"}, {"Admin:", "2"}});
  BOOST_TEST(header(request, "Admin") == "(none)");
  BOOST_TEST(header(request, "X") == "(none)");
  BOOST_TEST(header(request, "A  Admin") == "yes");
}

BOOST_AUTO_TEST_CASE(neither_can_the_request_line) {
  const harpia::request request{"GET\r\nAdmin: 1", "/x\r\nAdmin: 2\n", {{"A", "b"}}};
  BOOST_TEST(header(request, "Admin") == "(none)");
  BOOST_TEST(header(request, "A") == "b");
  BOOST_TEST(request.path() == "/x  Admin: 2 ");
}

// cookie

BOOST_AUTO_TEST_CASE(cookies_are_found_by_their_whole_name_with_case) {
  BOOST_TEST(cookie("sid=1; theme=dark; id=2", "theme") == "dark");
  BOOST_TEST(cookie("sid=1; theme=dark; id=2", "id") == "2");
  BOOST_TEST(cookie("sid=1", "SID") == "(none)");
  BOOST_TEST(cookie("sid=1", "si") == "(none)");
  BOOST_TEST(cookie("", "") == "(none)");
}

BOOST_AUTO_TEST_CASE(space_around_cookies_their_names_and_values_does_not_count) {
  BOOST_TEST(cookie("a=1;b=2;\t c = 3 ;;", "b") == "2");
  BOOST_TEST(cookie("a=1;b=2;\t c = 3 ;;", "c") == "3");
  BOOST_TEST(cookie("a=b c", "a") == "b c");
}

BOOST_AUTO_TEST_CASE(a_cookie_value_keeps_its_equals_signs_and_its_encoding) {
  BOOST_TEST(cookie("token=YQ==; x=%20+", "token") == "YQ==");
  BOOST_TEST(cookie("token=YQ==; x=%20+", "x") == "%20+");
}

BOOST_AUTO_TEST_CASE(one_pair_of_surrounding_quotes_is_left_out) {
  BOOST_TEST(cookie("a=\"b\"", "a") == "b");
  BOOST_TEST(cookie("a=\"\"", "a") == "");
  BOOST_TEST(cookie("a=\"\"b\"\"", "a") == "\"b\"");
}

BOOST_AUTO_TEST_CASE(a_single_quote_mark_is_a_part_of_the_value) {
  BOOST_TEST(cookie("a=\"", "a") == "\"");
  BOOST_TEST(cookie("a=\"b", "a") == "\"b");
  BOOST_TEST(cookie("a=b\"", "a") == "b\"");
}

BOOST_AUTO_TEST_CASE(a_semicolon_ends_a_cookie_even_in_quotes) {
  BOOST_TEST(cookie("a=\"b; c=d\"", "a") == "\"b");
  BOOST_TEST(cookie("a=\"b; c=d\"", "c") == "d\"");
}

BOOST_AUTO_TEST_CASE(what_has_no_equals_sign_is_no_cookie) {
  BOOST_TEST(cookie("a; b=1", "a") == "(none)");
  BOOST_TEST(cookie("a; b=1", "") == "(none)");
  BOOST_TEST(cookie("a=", "a") == "");
  BOOST_TEST(cookie("=x", "") == "x");
}

BOOST_AUTO_TEST_CASE(the_first_of_several_cookies_counts_across_all_fields) {
  const auto request = with({{"Cookie", "a=1"}, {"X", "c=0"}, {"cookie", "a=2; b=3"}});
  BOOST_TEST(request.cookie("a").value() == "1");
  BOOST_TEST(request.cookie("b").value() == "3");
  BOOST_TEST(!request.cookie("c"));
}

// moves

namespace {

harpia::request whole() {
  harpia::request made{"GET", "/chat/lobby?name=Ann", {{"Host", "here"}, {"Cookie", "a=1"}}};
  made.set_params({{"room", "lobby"}});
  made.set_attribute("user", "Ann");
  made.set_client_certificate({});
  return made;
}

void check_whole(const harpia::request& request) {
  BOOST_TEST(request.method() == "GET");
  BOOST_TEST(request.target() == "/chat/lobby?name=Ann");
  BOOST_TEST(request.param("room") == "lobby");
  BOOST_TEST(request.attribute("user") == "Ann");
  BOOST_TEST(header(request, "Host") == "here");
  BOOST_TEST(request.client_certificate() != nullptr);
}

void check_empty(const harpia::request& request) {
  BOOST_TEST(request.method() == "");
  BOOST_TEST(request.target() == "");
  BOOST_TEST(request.path() == "");
  BOOST_TEST(request.query_string() == "");
  BOOST_TEST(request.param("room") == "");
  BOOST_TEST(!request.query("name"));
  BOOST_TEST(header(request, "Host") == "(none)");
  BOOST_TEST(request.header_all("Host").empty());
  BOOST_TEST(request.fields().empty());
  BOOST_TEST(!request.cookie("a"));
  BOOST_TEST(request.attribute("user") == "");
  BOOST_TEST(request.client_certificate() == nullptr);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_request_that_was_moved_from_is_empty) {
  auto first = whole();
  auto second = std::move(first);
  check_whole(second);
  check_empty(first); // NOLINT(bugprone-use-after-move): it is what this test is about
  first = std::move(second);
  check_whole(first);
  check_empty(second); // NOLINT(bugprone-use-after-move)
  check_empty({});
}

BOOST_AUTO_TEST_CASE(a_request_that_was_moved_from_takes_parameters_and_attributes_again) {
  auto first = whole();
  const auto second = std::move(first);
  first.set_attribute("user", "Bob"); // NOLINT(bugprone-use-after-move)
  first.set_params({{"room", "attic"}});
  BOOST_TEST(first.attribute("user") == "Bob");
  BOOST_TEST(first.param("room") == "attic");
  check_whole(second);
}

BOOST_AUTO_TEST_CASE(a_request_may_be_assigned_to_itself) {
  auto request = whole();
  auto& same = request;
  request = std::move(same);
  check_whole(request);
}

// percent_decode

BOOST_AUTO_TEST_CASE(percent_decoding_replaces_every_triplet_once) {
  BOOST_TEST(percent_decode("").value() == "");
  BOOST_TEST(percent_decode("a+b").value() == "a+b");
  BOOST_TEST(percent_decode("%41%6a%6A%2f%2F").value() == "Ajj//");
  BOOST_TEST(percent_decode("%00%fF").value() == "\0\xff"s);
  BOOST_TEST(percent_decode("%2541").value() == "%41");
}

BOOST_AUTO_TEST_CASE(percent_decoding_refuses_what_is_malformed) {
  for (const auto text : {"%", "a%", "%4", "%4g", "%g4", "%%41", "% 1", "%+1", "%-1", "%0x41", "ok%41%"})
    BOOST_TEST(!percent_decode(text), "decoded: " << text);
  BOOST_TEST(!percent_decode("%4\0"sv));
  BOOST_TEST(!percent_decode("%41"sv.substr(0, 2))); // the digit behind the end is not its
}

BOOST_AUTO_TEST_SUITE_END()
