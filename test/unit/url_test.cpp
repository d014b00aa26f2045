// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/url.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

using harpia::http::parse_url;

namespace {

std::string refusal(std::string_view url) {
  try {
    (void)parse_url(url);
  } catch (const std::invalid_argument& thrown) {
    return thrown.what();
  }
  return "(nothing was thrown)";
}

void check(std::string_view url, std::string_view host, int port, std::string_view target, std::string_view authority) {
  BOOST_TEST_CONTEXT(url) {
    const auto parts = parse_url(url);
    BOOST_TEST(parts.host == host);
    BOOST_TEST(parts.port == port);
    BOOST_TEST(parts.target == target);
    BOOST_TEST(parts.authority() == authority);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
  check("ws://example.com/chat?name=Ann&x=%20", "example.com", 80, "/chat?name=Ann&x=%20", "example.com");
  check("ws://127.0.0.1:3000/a//b/", "127.0.0.1", 3000, "/a//b/", "127.0.0.1:3000");
  check("ws://a_b-c.d~:65535/", "a_b-c.d~", 65535, "/", "a_b-c.d~:65535");
  check("WS://Example.com", "Example.com", 80, "/", "Example.com");
}

BOOST_AUTO_TEST_CASE(the_path_may_be_left_out) {
  check("ws://localhost", "localhost", 80, "/", "localhost");
  check("ws://localhost?q=/a", "localhost", 80, "/?q=/a", "localhost");
  check("ws://localhost:1?q", "localhost", 1, "/?q", "localhost:1");
}

BOOST_AUTO_TEST_CASE(the_default_port_is_not_named_to_the_server) {
  check("ws://localhost:80/", "localhost", 80, "/", "localhost");
  check("ws://localhost:/", "localhost", 80, "/", "localhost");
}

BOOST_AUTO_TEST_CASE(ipv6_addresses_are_in_brackets) {
  check("ws://[::1]:3000/x", "::1", 3000, "/x", "[::1]:3000");
  check("ws://[2001:db8::7]", "2001:db8::7", 80, "/", "[2001:db8::7]");
}

BOOST_AUTO_TEST_CASE(the_scheme_says_whether_tls_is_spoken_and_has_a_port_of_its_own) {
  BOOST_TEST((parse_url("ws://example.com").scheme == harpia::http::url_scheme::ws));
  BOOST_TEST((parse_url("wss://example.com").scheme == harpia::http::url_scheme::wss));
  check("wss://example.com/a", "example.com", 443, "/a", "example.com");
  check("Wss://example.com:443", "example.com", 443, "/", "example.com");
  check("wss://example.com:80", "example.com", 80, "/", "example.com:80");
}

BOOST_AUTO_TEST_CASE(what_is_no_websocket_url_is_named) {
  for (const std::string_view bad :
       {"",
        "ws:",
        "ws:/",
        "wss:/",
        "wsss://a/",
        "wss://:1/",
        "example.com",
        "http://example.com/",
        "ws://",
        "ws:///path",
        "ws://:80/",
        "ws://a b/",
        "ws://a/b c",
        "ws://a/\xc3\xa9",
        "ws://a/x\r\nEvil: 1",
        "ws://a:0/",
        "ws://a:65536/",
        "ws://a:-1/",
        "ws://a:8o/",
        "ws://a/#top",
        "ws://user@a/",
        "ws://user:pw@a/",
        "ws://::1/",
        "ws://[::1",
        "ws://[::1]x/",
        "ws://[nope]/",
        "ws://[]/",
        "ws://a%20b/"}) {
    BOOST_TEST_CONTEXT(bad) {
      BOOST_TEST(refusal(bad).starts_with("'" + std::string{bad} + "' cannot be connected to: "), refusal(bad));
    }
  }
}

// References

BOOST_AUTO_TEST_CASE(a_reference_is_resolved_against_a_url) { // RFC 3986, 5.4
  const auto base = parse_url("wss://a:9/b/c/d?q");
  const auto check = [&](std::string_view reference, std::string_view whole) {
    const auto found = resolve_reference(base, reference);
    BOOST_TEST(std::string{found.scheme_name()} + "://" + found.authority() + found.target == whole, reference);
  };
  check("g", "wss://a:9/b/c/g");
  check("./g", "wss://a:9/b/c/g");
  check("g/", "wss://a:9/b/c/g/");
  check("/g", "wss://a:9/g");
  check("//g", "wss://g/");
  check("?y", "wss://a:9/b/c/d?y");
  check("g?y", "wss://a:9/b/c/g?y");
  check("g#s", "wss://a:9/b/c/g");
  check("..", "wss://a:9/b/");
  check("../g", "wss://a:9/b/g");
  check("../../../../g", "wss://a:9/g");
  check(".", "wss://a:9/b/c/");
  check("/./g", "wss://a:9/g");
  check("g;x=1/../y", "wss://a:9/b/c/y");
  check("g?y/../x", "wss://a:9/b/c/g?y/../x");
  check("...g", "wss://a:9/b/c/...g");
  check("ws://x/y", "ws://x/y");
  check("https://x/y?z", "wss://x/y?z");
  check("HTTP://x:8080", "ws://x:8080/");
  for (const auto* wrong : {"", "#f", "ftp://x/", "mailto:x", "//u@x/", "/a b", "//", "http://"})
    BOOST_CHECK_THROW((void)resolve_reference(base, wrong), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
