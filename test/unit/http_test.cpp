// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/http.hpp"

#include "support/bytes.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace harpia::http;
using harpia::test::as_bytes;
using state = request_reader::state;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::size_t roomy = 16 << 10;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The status that `bytes`, given at once, are refused with: 200 if they are a request, 0 if more is to come.
int status(std::string_view bytes, std::size_t max_header = roomy) {
  request_reader reader{max_header};
  switch (reader.read(as_bytes(bytes))) {
    case state::complete: return 200;
    case state::incomplete: return 0;
    case state::failed: break;
  }
  return reader.refusal().status;
}

/// The same, given byte by byte.
int status_byte_by_byte(std::string_view bytes, std::size_t max_header = roomy) {
  request_reader reader{max_header};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto now = reader.read(as_bytes(bytes.substr(i, 1)));
    if (now == state::failed)
      return reader.refusal().status;
    if (now == state::complete)
      return 200;
  }
  return 0;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http)

// Reading requests

BOOST_AUTO_TEST_CASE(a_request_is_read_whole) {
  request_reader reader{roomy};
  BOOST_TEST(!reader.started());
  BOOST_REQUIRE(
      (reader.read(as_bytes("GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-List:  1 \r\nx-list: 2\r\nEmpty:\r\n\r\n")) == state::complete));
  BOOST_TEST(reader.started());
  const auto request = reader.take_request();
  BOOST_TEST(request.method() == "GET");
  BOOST_TEST(request.target() == "/a?b=c");
  BOOST_TEST(request.header("host").value() == "x");
  BOOST_TEST(request.header("Empty").value() == "");
  BOOST_REQUIRE(request.header_all("X-List").size() == 2u);
  BOOST_TEST(request.header_all("X-List")[0] == "1");
  BOOST_TEST(request.header_all("X-List")[1] == "2");
  BOOST_TEST(reader.rest().empty());
}

BOOST_AUTO_TEST_CASE(a_request_may_come_in_any_pieces) {
  for (const auto head : {"GET / HTTP/1.1\r\n\r\n"sv, "GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"sv,
                          "POST /p HTTP/1.1\r\nContent-Length: 4\r\nA:b\r\nC: d e f\r\n\r\n"sv}) {
    const auto whole = std::string{head} + "body";
    for (std::size_t first = 1; first < whole.size(); ++first) {
      for (std::size_t second = first; second < whole.size(); ++second) {
        request_reader reader{roomy};
        std::size_t given = 0;
        auto now = state::incomplete;
        for (const auto end : {first, second, whole.size()}) {
          if (now != state::incomplete)
            break;
          now = reader.read(as_bytes(std::string_view{whole}.substr(given, end - given)));
          given = end;
        }
        BOOST_REQUIRE((now == state::complete));
        BOOST_REQUIRE(given >= head.size());
        BOOST_REQUIRE(text_of(reader.rest()) == whole.substr(head.size(), given - head.size()));
        BOOST_REQUIRE(!reader.take_request().target().empty());
      }
    }
    BOOST_TEST(status_byte_by_byte(head) == 200);
    BOOST_TEST(status_byte_by_byte(head.substr(0, head.size() - 1)) == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_follows_the_header_section_is_left_as_it_came) {
  request_reader reader{roomy};
  const auto frames = "\x81\x80\0\0\0\0GET / HTTP/1.1\r\n\r\n"s;
  BOOST_REQUIRE((reader.read(as_bytes("GET / HTTP/1.1\r\n\r\n" + frames)) == state::complete));
  BOOST_TEST(text_of(reader.rest()) == frames);
}

BOOST_AUTO_TEST_CASE(a_reader_has_started_with_the_first_byte) {
  request_reader reader{roomy};
  BOOST_TEST((reader.read({}) == state::incomplete));
  BOOST_TEST(!reader.started());
  BOOST_TEST((reader.read(as_bytes("G")) == state::incomplete));
  BOOST_TEST(reader.started());
}

BOOST_AUTO_TEST_CASE(a_moved_reader_goes_on) {
  request_reader first{roomy};
  BOOST_TEST((first.read(as_bytes("GET /moved HT")) == state::incomplete));
  auto second = std::move(first);
  BOOST_TEST((second.read(as_bytes("TP/1.1\r\n\r\n")) == state::complete));
  BOOST_TEST(second.take_request().path() == "/moved");
}

// Refusing requests

BOOST_AUTO_TEST_CASE(a_header_section_over_the_limit_is_431) {
  const auto head_of = [](std::size_t size) {
    const auto frame = "GET / HTTP/1.1\r\nX: \r\n\r\n"s;
    return "GET / HTTP/1.1\r\nX: " + std::string(size - frame.size(), 'x') + "\r\n\r\n";
  };
  for (const std::size_t limit : {100u, 1000u, 16384u}) {
    BOOST_TEST(status(head_of(limit), limit) == 200, "exactly " << limit);
    BOOST_TEST(status(head_of(limit + 1), limit) == 431, "one more than " << limit);
    BOOST_TEST(status_byte_by_byte(head_of(limit), limit) == 200, "exactly " << limit << ", byte by byte");
    BOOST_TEST(status_byte_by_byte(head_of(limit + 1), limit) == 431, "one more than " << limit << ", byte by byte");
  }
}

BOOST_AUTO_TEST_CASE(the_limit_holds_for_lines_that_never_end) {
  BOOST_TEST(status("GET /" + std::string(2000, 'x'), 1000) == 431);
  BOOST_TEST(status_byte_by_byte("GET /" + std::string(2000, 'x'), 1000) == 431);
  BOOST_TEST(status("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), 1000) == 431);
  BOOST_TEST(status_byte_by_byte("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), 1000) == 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i)
    many += "A:b\r\n";
  BOOST_TEST(status_byte_by_byte(many, 1000) == 431);
}

BOOST_AUTO_TEST_CASE(garbage_is_400) {
  for (const auto bytes :
       {"\r\n\r\n"sv, "GET\r\n\r\n"sv, "GET /\r\n\r\n"sv, "/ GET HTTP/1.1\r\n\r\n"sv, "GET  / HTTP/1.1\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nno colon\r\n\r\n"sv, "GET / HTTP/1.1\r\nName : value\r\n\r\n"sv, "GET / HTTP/1.1\r\n: value\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n"sv, "G\0T / HTTP/1.1\r\n\r\n"sv, "GET /\x7f HTTP/1.1\r\n\r\n"sv,
        "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"sv /* a TLS client */}) {
    BOOST_TEST(status(bytes) == 400, bytes);
    BOOST_TEST(status_byte_by_byte(bytes) == 400, bytes);
  }
}

BOOST_AUTO_TEST_CASE(another_version_is_505) {
  for (const auto* bytes :
       {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/0.9\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.2\r\n\r\n"}) {
    BOOST_TEST(status(bytes) == 505, bytes);
    BOOST_TEST(status_byte_by_byte(bytes) == 505, bytes);
  }
  BOOST_TEST(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505); // an HTTP/2 client
}

// Responses

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
  const auto text = serialize({.body = "hello"}, body_part::omitted);
  BOOST_TEST(contains(text, "\r\nContent-Length: 5\r\n"));
  BOOST_TEST(text.ends_with("\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(an_empty_body_has_a_length_and_no_type) {
  const auto text = serialize({});
  BOOST_TEST(contains(text, "\r\nContent-Length: 0\r\n"));
  BOOST_TEST(!contains(text, "Content-Type"));
}

BOOST_AUTO_TEST_CASE(a_connection_field_of_its_own_replaces_close) {
  const auto text = serialize({.status = 426, .headers = {{"connection", "Upgrade, close"}}});
  BOOST_TEST(contains(text, "\r\nconnection: Upgrade, close\r\n"));
  BOOST_TEST(!contains(text, "\r\nConnection: close\r\n"));
}

BOOST_AUTO_TEST_CASE(fields_that_would_split_the_response_are_left_out) {
  const auto text = serialize({.body = "x",
                               .content_type = "x\r\nC: d",
                               .headers = {{"A", "b\r\nSet-Cookie: evil=1"}, {"B\r\nC", "d"}, {"", "e"}, {"Good", "f"}}});
  BOOST_TEST(!contains(text, "evil"));
  BOOST_TEST(!contains(text, "C: d"));
  BOOST_TEST(!contains(text, "\r\n: e"));
  BOOST_TEST(contains(text, "\r\nGood: f\r\n"));
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

// Fields

BOOST_AUTO_TEST_CASE(a_field_name_is_a_token) {
  BOOST_TEST(is_field("X-Custom_1!#$%&'*+.^`|~", "v"));
  for (const auto name : {""sv, "a b"sv, "a:"sv, "a\r\n"sv, "a\0b"sv, "\xc3\xa9"sv, "a(b"sv, "a/b"sv, "a\"b"sv})
    BOOST_TEST(!is_field(name, "v"), name);
}

BOOST_AUTO_TEST_CASE(a_field_value_holds_no_control_characters) {
  for (const auto value : {""sv, "a b\tc"sv, "caf\xc3\xa9"sv, "\"quoted\""sv})
    BOOST_TEST(is_field("A", value), value);
  for (const auto value : {"a\r\nB: c"sv, "\n"sv, "\r"sv, "a\0b"sv, "\x7f"sv, "\x1f"sv})
    BOOST_TEST(!is_field("A", value));
}

BOOST_AUTO_TEST_CASE(a_token_is_found_in_a_list_whatever_its_case) {
  BOOST_TEST(has_token("upgrade", "upgrade"));
  BOOST_TEST(has_token("keep-alive, Upgrade", "upgrade"));
  BOOST_TEST(has_token("UPGRADE,keep-alive", "upgrade"));
  BOOST_TEST(has_token(" ,\t, upgrade\t,", "upgrade"));
  BOOST_TEST(!has_token("", "upgrade"));
  BOOST_TEST(!has_token("upgrades", "upgrade"));
  BOOST_TEST(!has_token("up grade", "upgrade"));
  BOOST_TEST(!has_token("x-upgrade", "upgrade"));
}

BOOST_AUTO_TEST_SUITE_END()
