// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/request_reader.hpp"

#include "support/bytes.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <span>
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

} // namespace

BOOST_AUTO_TEST_SUITE(http_request)

// Reading requests

BOOST_AUTO_TEST_CASE(a_request_is_read_whole) {
  request_reader reader{roomy};
  BOOST_REQUIRE(
      (reader.read(as_bytes("GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-List:  1 \r\nx-list: 2\r\nEmpty:\r\n\r\n")) == state::complete));
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
  for (const auto head :
       {"GET / HTTP/1.1\r\nHost:\r\n\r\n"sv, "GET /chat?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"sv,
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nA:b\r\nC: d e f\r\n\r\n"sv}) {
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
  BOOST_REQUIRE((reader.read(as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + frames)) == state::complete));
  BOOST_TEST(text_of(reader.rest()) == frames);
}

BOOST_AUTO_TEST_CASE(a_moved_reader_goes_on) {
  request_reader first{roomy};
  BOOST_TEST((first.read(as_bytes("GET /moved HT")) == state::incomplete));
  auto second = std::move(first);
  BOOST_TEST((second.read(as_bytes("TP/1.1\r\nHost: x\r\n\r\n")) == state::complete));
  BOOST_TEST(second.take_request().path() == "/moved");
}

// Refusing requests

BOOST_AUTO_TEST_CASE(a_header_section_over_the_limit_is_431) {
  const auto head_of = [](std::size_t size) {
    const auto frame = "GET / HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n"s;
    return "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(size - frame.size(), 'x') + "\r\n\r\n";
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
       {"GET\r\n\r\n"sv, "GET /\r\n\r\n"sv, "/ GET HTTP/1.1\r\n\r\n"sv, "GET  / HTTP/1.1\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nno colon\r\n\r\n"sv, "GET / HTTP/1.1\r\nName : value\r\n\r\n"sv, "GET / HTTP/1.1\r\n: value\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n"sv, "G\0T / HTTP/1.1\r\n\r\n"sv, "GET /\x7f HTTP/1.1\r\n\r\n"sv,
        "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"sv /* a TLS client */}) {
    BOOST_TEST(status(bytes) == 400, bytes);
    BOOST_TEST(status_byte_by_byte(bytes) == 400, bytes);
  }
}

BOOST_AUTO_TEST_CASE(another_version_is_505) {
  for (const auto* bytes :
       {"GET / HTTP/0.9\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.2\r\n\r\n", "GET / HTTP/3.0\r\n\r\n"}) {
    BOOST_TEST(status(bytes) == 505, bytes);
    BOOST_TEST(status_byte_by_byte(bytes) == 505, bytes);
  }
  BOOST_TEST(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505); // an HTTP/2 client
}

BOOST_AUTO_TEST_CASE(a_request_line_that_is_none_is_400_and_not_505) {
  for (const auto bytes :
       {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"sv, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"sv, "GET / HTTP/1.10\r\nHost: x\r\n\r\n"sv,
        "GET / http/1.1\r\nHost: x\r\n\r\n"sv, "GET / FTP/1.1xx\r\n\r\n"sv, "GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n"sv,
        "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"sv, "\r\rGET / HTTP/1.1\r\nHost: x\r\n\r\n"sv}) {
    BOOST_TEST(status(bytes) == 400, bytes);
    BOOST_TEST(status_byte_by_byte(bytes) == 400, bytes);
  }
  // Byte by byte, Beast waits for a line that ends with CR and LF.
  BOOST_TEST(status("GET / HTTP/1.1\nHost: x\n\n") == 400);
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: x\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(empty_lines_before_a_request_are_ignored) { // RFC 9112, 2.2
  BOOST_TEST(status("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
  BOOST_TEST(status_byte_by_byte("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
  BOOST_TEST(status("\r\n\r\n") == 0);
  BOOST_TEST(status("\r") == 0);
  std::string many;
  for (int i = 0; i < 600; ++i)
    many += "\r\n";
  BOOST_TEST(status(many, 1000) == 431); // but not for ever
  BOOST_TEST(status_byte_by_byte(many, 1000) == 431);
}

BOOST_AUTO_TEST_CASE(http_1_0_is_read) {
  request_reader reader{roomy};
  BOOST_REQUIRE((reader.read(as_bytes("GET / HTTP/1.0\r\n\r\n")) == state::complete)); // without a Host
  BOOST_TEST(reader.is_http_1_0());
  BOOST_TEST(!reader.is_persistent());
  BOOST_TEST(status("GET / HTTP/1.0\r\nHost: a b\r\n\r\n") == 400);
  BOOST_TEST(status("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

// Where to

BOOST_AUTO_TEST_CASE(a_host_must_be_there_once_and_be_one) { // RFC 9112, 3.2
  const auto with = [](std::string_view host) { return status("GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n"); };
  for (const auto good : {""sv, "a"sv, "example.org"sv, "example.org:8080"sv, "a_b-c.d~"sv, "127.0.0.1"sv, "[::1]"sv,
                          "[::1]:80"sv, "x:"sv, "caf%C3%A9"sv, "[v1.a]"sv, "a!$&'()*+,;=b"sv})
    BOOST_TEST(with(good) == 200, good);
  for (const auto bad : {"a b"sv, "u@a"sv, "a/b"sv, "a?b"sv, "a#b"sv, "a\\b"sv, "a:x"sv, "a:80:80"sv, "[::1"sv, "::1"sv, "[]"sv,
                         "[::1]x"sv, "a%zz"sv, "a%4"sv, "caf\xc3\xa9"sv, "<a>"sv, "http://a"sv, "\"a\""sv})
    BOOST_TEST(with(bad) == 400, bad);
  BOOST_TEST(status("GET / HTTP/1.1\r\n\r\n") == 400);
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(a_target_may_be_a_url) { // RFC 9112, 3.2.2
  const auto check = [](std::string_view line, std::string_view target, std::string_view host) {
    request_reader reader{roomy};
    BOOST_REQUIRE((reader.read(as_bytes(std::string{line} + " HTTP/1.1\r\nHost: other\r\nA: b\r\n\r\n")) == state::complete));
    const auto asked = reader.take_request();
    BOOST_TEST(asked.target() == target, line);
    BOOST_TEST(asked.header("Host").value() == host, line);
    BOOST_TEST(asked.header_all("Host").size() == 1U);
    BOOST_TEST(asked.header("A").value() == "b");
  };
  check("GET http://x/echo", "/echo", "x");
  check("GET ws://x:1/echo?a=b", "/echo?a=b", "x:1");
  check("GET HTTPS://[::1]:1/", "/", "[::1]:1");
  check("GET wss://x", "/", "x");
  check("GET http://x?a", "/?a", "x");
  check("OPTIONS http://x", "*", "x");
  check("OPTIONS *", "*", "other");
  check("GET /http://x/", "/http://x/", "other");
}

BOOST_AUTO_TEST_CASE(another_target_is_400) {
  for (const auto line : {"GET *"sv, "GET x"sv, "GET x/y"sv, "CONNECT x:80"sv, "GET ftp://x/"sv, "GET http:///"sv,
                          "GET http://u@x/"sv, "GET http://x:y/"sv, "GET http://:80/"sv, "GET http:/x"sv, "GET ?a"sv})
    BOOST_TEST(status(std::string{line} + " HTTP/1.1\r\nHost: x\r\n\r\n") == 400, line);
}

// Bodies

BOOST_AUTO_TEST_CASE(where_a_body_ends_must_be_clear) { // RFC 9112, 6.3
  const auto with = [](std::string_view fields) {
    return status("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{fields} + "\r\n");
  };
  BOOST_TEST(with("Content-Length: 4\r\n") == 200);
  BOOST_TEST(with("Transfer-Encoding: chunked\r\n") == 200);
  BOOST_TEST(with("Transfer-Encoding: Chunked\r\n") == 200);
  for (const auto bad :
       {"Content-Length: 4\r\nContent-Length: 4\r\n"sv, "Content-Length: 4\r\nContent-Length: 5\r\n"sv,
        "Content-Length: 4, 4\r\n"sv, "Content-Length: -1\r\n"sv, "Content-Length: +4\r\n"sv, "Content-Length: 0x4\r\n"sv,
        "Content-Length: 4 4\r\n"sv, "Content-Length:\r\n"sv, "Content-Length: 99999999999999999999\r\n"sv,
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"sv, "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"sv,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"sv})
    BOOST_TEST(with(bad) == 400, bad);
  for (const auto unknown : {"Transfer-Encoding: gzip\r\n"sv, "Transfer-Encoding: gzip, chunked\r\n"sv,
                             "Transfer-Encoding: identity\r\n"sv, "Transfer-Encoding: xchunked\r\n"sv})
    BOOST_TEST(with(unknown) == 501, unknown);
}

struct read_outcome {
  int status;
  std::string body = {};
  std::string rest = {};

  friend bool operator==(const read_outcome&, const read_outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const read_outcome& what) {
    return out << what.status << " '" << what.body << "' '" << what.rest << "'";
  }
};

/// A request and its body, given in pieces of `size`.
read_outcome read_in_pieces(std::string_view bytes, std::size_t size, std::size_t max_body = 100) {
  request_reader reader{roomy};
  bool in_body = false;
  auto now = state::incomplete;
  for (std::size_t i = 0; i < bytes.size() && now == state::incomplete; i += size) {
    const auto piece = as_bytes(bytes.substr(i, size));
    now = in_body ? reader.read_body(piece) : reader.read(piece);
    if (now == state::complete && !in_body) {
      BOOST_TEST(reader.has_body());
      in_body = true;
      now = reader.begin_body(max_body);
    }
    if (now == state::complete)
      return {200, reader.take_body(), text_of(reader.rest()) + std::string{bytes.substr(std::min(i + size, bytes.size()))}};
  }
  return {now == state::failed ? reader.refusal().status : 0};
}

BOOST_AUTO_TEST_CASE(a_body_is_read_in_any_pieces) {
  const auto post = "POST / HTTP/1.1\r\nHost: x\r\n"s;
  const auto next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"s;
  const auto chunked = "Transfer-Encoding: chunked\r\n\r\n"s;
  for (std::size_t size = 1; size < 200; ++size) {
    const auto of = [&](const std::string& text) { return read_in_pieces(post + text, size); };
    BOOST_TEST(of("Content-Length: 5\r\n\r\nhello" + next) == (read_outcome{200, "hello", next}));
    BOOST_TEST(of(chunked + "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n" + next) == (read_outcome{200, "hello!", next}));
    BOOST_TEST(of(chunked + "3;a=b;c=\"d\"\r\nabc\r\n0\r\nTrailer: x\r\nHost: evil\r\n\r\n" + next)
               == (read_outcome{200, "abc", next}));
    BOOST_TEST(of(chunked + "0\r\n\r\n") == (read_outcome{200, "", ""}));
    BOOST_TEST(of("Content-Length: 5\r\n\r\nhell") == read_outcome{0});
    BOOST_TEST(of(chunked + "5\r\nhello\r\n0\r\n") == read_outcome{0});
    BOOST_TEST(of(chunked + "5\r\nhelloX\r\n0\r\n\r\n") == read_outcome{400});
    BOOST_TEST(of(chunked + "x\r\n\r\n\r\n") == read_outcome{400});
    BOOST_TEST(of(chunked + "5\nhello\r\n0\r\n\r\n") == read_outcome{400});
    BOOST_TEST(of("Content-Length: 101\r\n\r\n") == read_outcome{413});
    BOOST_TEST(of("Content-Length: 99999999999\r\n\r\n") == read_outcome{413});
    BOOST_TEST(of(chunked + "64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n") == read_outcome{413});
    BOOST_TEST(of(chunked + "ffffffffffffffff\r\n") == read_outcome{413});
    BOOST_TEST(of(chunked + "fffffffffffffffff\r\n") == read_outcome{400});
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_as_large_as_its_limit_is_read) {
  const auto body = std::string(100, 'x');
  BOOST_TEST(read_in_pieces("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + body, 7)
             == (read_outcome{200, body, ""}));
  BOOST_TEST(read_in_pieces("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + body + "\r\n0\r\n\r\n", 7)
             == (read_outcome{200, body, ""}));
}

BOOST_AUTO_TEST_CASE(a_request_without_a_body_has_none) {
  request_reader reader{roomy};
  for (const auto* fields : {"", "Content-Length: 0\r\n", "Content-Length: 000\r\n"}) {
    reader = request_reader{roomy};
    BOOST_REQUIRE((reader.read(as_bytes("POST / HTTP/1.1\r\nHost: x\r\n"s + fields + "\r\n")) == state::complete));
    BOOST_TEST(!reader.has_body());
    BOOST_TEST(reader.take_body() == "");
  }
}

BOOST_AUTO_TEST_CASE(a_client_may_wait_for_a_100) {
  const auto waits = [](std::string_view fields, std::string_view version = "1.1") {
    request_reader reader{roomy};
    BOOST_REQUIRE((reader.read(as_bytes("POST / HTTP/" + std::string{version} + "\r\nHost: x\r\nContent-Length: 1\r\n"
                                        + std::string{fields} + "\r\n"))
                   == state::complete));
    return reader.awaits_continue();
  };
  BOOST_TEST(waits("Expect: 100-continue\r\n"));
  BOOST_TEST(waits("expect: 100-Continue\r\n"));
  BOOST_TEST(!waits(""));
  BOOST_TEST(!waits("Expect: 100-continue\r\n", "1.0")); // RFC 9110, 10.1.1
}

// One after the other

BOOST_AUTO_TEST_CASE(requests_follow_one_another) {
  request_reader reader{roomy};
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n" + (i % 3 == 0 ? "\r\n" : "");
  auto now = reader.read(as_bytes(all));
  for (int i = 0; i < 100; ++i) {
    BOOST_REQUIRE((now == state::complete));
    BOOST_TEST(reader.take_request().path() == "/" + std::to_string(i));
    now = reader.read_next();
  }
  BOOST_TEST((now == state::incomplete));
  reader.keep(as_bytes("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"));
  BOOST_TEST((reader.read_next() == state::complete));
  BOOST_TEST(reader.take_request().path() == "/later");
}

BOOST_AUTO_TEST_CASE(a_client_says_whether_it_stays) { // RFC 9112, 9.3
  const auto stays = [](std::string_view version, std::string_view fields) {
    request_reader reader{roomy};
    BOOST_REQUIRE((reader.read(as_bytes("GET / HTTP/" + std::string{version} + "\r\nHost: x\r\n" + std::string{fields} + "\r\n"))
                   == state::complete));
    return reader.is_persistent();
  };
  BOOST_TEST(stays("1.1", ""));
  BOOST_TEST(stays("1.1", "Connection: keep-alive\r\n"));
  BOOST_TEST(!stays("1.1", "Connection: close\r\n"));
  BOOST_TEST(!stays("1.1", "Connection: TE\r\nConnection: Close\r\n"));
  BOOST_TEST(!stays("1.1", "Connection: keep-alive, close\r\n"));
  BOOST_TEST(!stays("1.0", ""));
  BOOST_TEST(stays("1.0", "Connection: Keep-Alive\r\n"));
  BOOST_TEST(!stays("1.0", "Connection: keep-alive, close\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()
