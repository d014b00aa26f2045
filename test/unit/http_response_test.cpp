// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/date.hpp"
#include "http/response.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>

using namespace harpia::http;

namespace {

using namespace std::string_view_literals;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http_response)

BOOST_AUTO_TEST_CASE(a_response_is_complete) {
  const auto text = serialize({.status = 200, .body = "hello", .content_type = "text/x", .headers = {{"A", "b"}}});
  BOOST_TEST(text.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(contains(text, "\r\nContent-Length: 5\r\n"));
  BOOST_TEST(contains(text, "\r\nContent-Type: text/x\r\n"));
  BOOST_TEST(contains(text, "\r\nConnection: close\r\n"));
  BOOST_TEST(contains(text, "\r\nDate: "));
  BOOST_TEST(contains(text, " GMT\r\n"));
  BOOST_TEST(contains(text, "\r\nA: b\r\n"));
  BOOST_TEST(text.ends_with("\r\n\r\nhello"));
}

BOOST_AUTO_TEST_CASE(without_its_body_a_response_still_tells_the_length) {
  const auto text = serialize({.body = "hello"}, {.body = body_part::omitted});
  BOOST_TEST(contains(text, "\r\nContent-Length: 5\r\n"));
  BOOST_TEST(text.ends_with("\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(an_empty_body_has_a_length_and_no_type) {
  const auto text = serialize({});
  BOOST_TEST(contains(text, "\r\nContent-Length: 0\r\n"));
  BOOST_TEST(!contains(text, "Content-Type"));
}

BOOST_AUTO_TEST_CASE(a_connection_field_of_its_own_is_completed) {
  const auto text = serialize({.status = 426, .headers = {{"connection", "Upgrade"}}});
  BOOST_TEST(contains(text, "\r\nConnection: Upgrade, close\r\n"));
  BOOST_TEST(!contains(text, "\r\nconnection"));
  BOOST_TEST(contains(serialize({.headers = {{"Connection", "Close"}}}), "\r\nConnection: Close\r\n"));
}

BOOST_AUTO_TEST_CASE(a_client_is_told_whether_a_request_may_follow) { // RFC 9112, 9.3
  BOOST_TEST(contains(serialize({}), "\r\nConnection: close\r\n"));
  BOOST_TEST(!contains(serialize({}, {.after = persistence::keep}), "\r\nConnection:"));
  BOOST_TEST(contains(serialize({}, {.after = persistence::keep_1_0}), "\r\nConnection: keep-alive\r\n"));
}

BOOST_AUTO_TEST_CASE(a_field_of_the_response_replaces_one_that_is_added) {
  const auto text = serialize({.body = "hello",
                               .content_type = "text/x",
                               .headers = {{"content-type", "text/y"}, {"CONTENT-LENGTH", "5"}, {"date", "today"}}});
  BOOST_TEST(!contains(text, "text/x"));
  BOOST_TEST(contains(text, "\r\ncontent-type: text/y\r\n"));
  BOOST_TEST(contains(text, "\r\nContent-Length: 5\r\n"));
  BOOST_TEST(!contains(text, "CONTENT-LENGTH"));
  BOOST_TEST(!contains(text, "\r\nDate:"));
}

BOOST_AUTO_TEST_CASE(the_length_of_a_body_that_is_left_out_may_be_told) {
  const auto text = serialize({.headers = {{"Content-Length", "123"}}}, {.body = body_part::omitted});
  BOOST_TEST(contains(text, "\r\nContent-Length: 123\r\n"));
  BOOST_TEST(!contains(text, "\r\nContent-Length: 0\r\n"));
}

BOOST_AUTO_TEST_CASE(a_response_that_has_no_body_has_no_length) { // RFC 9110, 8.6
  for (const int status : {204, 304})
    BOOST_TEST(!contains(serialize({.status = status}), "Content-Length"));
  BOOST_TEST(contains(serialize({.status = 205}), "\r\nContent-Length: 0\r\n"));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_known_yet_has_chunks_or_lasts_to_the_end) {
  const auto chunked = serialize({.content_type = "text/x"}, {.after = persistence::keep, .end = body_end::chunks});
  BOOST_TEST(contains(chunked, "\r\nTransfer-Encoding: chunked\r\n"));
  BOOST_TEST(contains(chunked, "\r\nContent-Type: text/x\r\n"));
  BOOST_TEST(!contains(chunked, "Content-Length"));
  const auto to_end = serialize({}, {.end = body_end::connection});
  BOOST_TEST(!contains(to_end, "Content-Length"));
  BOOST_TEST(!contains(to_end, "Transfer-Encoding"));
  std::string chunks;
  append_chunk(chunks, "hello");
  append_chunk(chunks, std::string(300, 'x'));
  BOOST_TEST(chunks == "5\r\nhello\r\n12c\r\n" + std::string(300, 'x') + "\r\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_has_a_fault_that_is_named) {
  const auto fault = [](const harpia::http_response& response) { return fault_of(response).value_or("none"); };
  BOOST_TEST(fault({}) == "none");
  BOOST_TEST(fault({.status = 204}) == "none");
  BOOST_TEST(fault({.body = "hello", .headers = {{"A", "b c\td"}, {"A", ""}, {"Content-Length", "5"}}}) == "none");
  BOOST_TEST(fault({.headers = {{"Content-Length", "5"}}}) == "none"); // for HEAD
  BOOST_TEST(contains(fault({.status = 199}), "199"));
  BOOST_TEST(contains(fault({.status = 600}), "600"));
  BOOST_TEST(contains(fault({.content_type = "x\r\nC: d"}), "content type"));
  for (const auto value : {"b\r\nSet-Cookie: evil=1"sv, "\n"sv, "\r"sv, "a\0b"sv, "\x7f"sv})
    BOOST_TEST(contains(fault({.headers = {{"Name", std::string{value}}}}), "'Name'"));
  for (const auto name : {"B\r\nC"sv, ""sv, "a b"sv, "a:"sv})
    BOOST_TEST(contains(fault({.headers = {{std::string{name}, "x"}}}), "'" + std::string{name} + "'"));
  BOOST_TEST(contains(fault({.body = "hello", .headers = {{"Content-Length", "6"}}}), "'6'"));
  BOOST_TEST(contains(fault({.headers = {{"Content-Length", "x"}}}), "'x'"));
  BOOST_TEST(contains(fault({.headers = {{"Content-Length", "0"}, {"Content-Length", "0"}}}), "two"));
  BOOST_TEST(contains(fault({.headers = {{"transfer-encoding", "chunked"}}}), "Transfer-Encoding"));
  BOOST_TEST(contains(fault({.status = 304, .body = "x"}), "304"));
}

BOOST_AUTO_TEST_CASE(statuses_without_a_name_are_sent_all_the_same) {
  BOOST_TEST(serialize({.status = 299}).starts_with("HTTP/1.1 299 "));
  BOOST_TEST(serialize({.status = 599}).starts_with("HTTP/1.1 599 "));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_its_status_and_says_why) {
  const auto refusal = refuse(404, "no route matches this path");
  BOOST_TEST(refusal.status == 404);
  BOOST_TEST(refusal.body == "404 Not Found: no route matches this path\n");
  BOOST_TEST(refusal.content_type == "text/plain; charset=utf-8");
  BOOST_TEST(refuse(431, "x").body == "431 Request Header Fields Too Large: x\n");
  BOOST_TEST(refuse(426, "x").body == "426 Upgrade Required: x\n");
  BOOST_TEST(refuse(504, "x").body == "504 Gateway Timeout: x\n");
}

// Dates

BOOST_AUTO_TEST_CASE(a_date_is_written_and_read_in_any_locale) { // RFC 9110, 5.6.7
  BOOST_TEST(date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  BOOST_TEST(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  BOOST_TEST(date(-1) == date(0));
  BOOST_TEST(date(std::numeric_limits<std::time_t>::max()) == "Fri, 31 Dec 9999 23:59:59 GMT");
  for (const auto* form : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    BOOST_TEST(parse_date(form).value_or(0) == 784111777, form);
  for (const auto* other : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT+1", "784111777"})
    BOOST_TEST(!parse_date(other).has_value(), other);
}

BOOST_AUTO_TEST_CASE(retry_after_is_seconds_or_a_time) { // RFC 9110, 10.2.3
  using harpia::http::retry_after;
  using namespace std::chrono_literals;
  constexpr std::time_t now = 784111777;
  BOOST_TEST((retry_after("7", now) == 7s));
  BOOST_TEST((retry_after("0", now) == 0s));
  BOOST_TEST((retry_after("Sun, 06 Nov 1994 08:51:37 GMT", now) == 120s));
  BOOST_TEST((retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 0s));
  BOOST_TEST((retry_after("Sun, 06 Nov 1993 08:49:37 GMT", now) == 0s));
  BOOST_TEST((retry_after("99999999999999999999", now) == std::chrono::seconds::max()));
  for (const auto* const other : {"", "-1", "7 s", "soon", "1.5"})
    BOOST_TEST((retry_after(other, now) == 0s), other);
}

BOOST_AUTO_TEST_SUITE_END()
