// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "served.hpp"

#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_bridge.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::no_data;
using harpia::proxy_protocol;
using test::end;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const auto local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;
const auto from_ipv6 = "\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x27"s + "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x01"s
                       + std::string(16, '\0') + "\x12\x34\x01\xBB"s + "\x04\0\0"s; // and an empty field behind the addresses

std::string line(const std::string& source) {
  return "PROXY TCP4 " + source + " 198.51.100.1 4711 443\r\n";
}

/// An app whose route / says what a connection's address is.
struct telling : test::served {
  explicit telling(harpia::listen_options listening, const harpia::app_options& options = {}) : served{options} {
    app.ws<no_data>("/", {.upgrade = [this](auto& request) { log.add("asked by " + std::string{request.remote_address()}); },
                          .open = [](auto& ws) { ws.send("you are '" + std::string{ws.remote_address()} + "'"); }});
    app.ws<no_data>("/own", {}, {.origins = harpia::same_origin});
    if (listening.unix.empty()) {
      listening.port = 0;
      listening.hostname = "127.0.0.1";
    }
    listening.threads = 2;
    app.start(listening);
  }

  /// A connection behind `header`, whose address the server says.
  [[nodiscard]] std::string address_behind(std::string_view header, const test::header_list& fields = {}) const {
    auto client = socket();
    client.send_raw(header);
    return address_of(client, fields);
  }

  static std::string address_of(test::raw_client& client, const test::header_list& fields = {}) {
    const auto reply = client.upgrade("/", fields);
    return reply.status == 101 ? client.read_text() : std::to_string(reply.status);
  }

  [[nodiscard]] std::string forwarded_for(const std::string& whom) const {
    return address_behind("", {{"X-Forwarded-For", whom}});
  }

  [[nodiscard]] std::uint64_t refused_headers() const { return app.statistics().refused_proxy_headers; }
};

const harpia::listen_options trusting{.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"}};
const harpia::listen_options proxied{.proxy_protocol = proxy_protocol::required};

} // namespace

BOOST_AUTO_TEST_SUITE(proxies)

// X-Forwarded-For

BOOST_AUTO_TEST_CASE(a_trusted_proxy_says_whose_connection_it_is) {
  const telling one{trusting};
  BOOST_TEST(one.forwarded_for("203.0.113.7, 192.0.2.1, 10.0.0.2") == "you are '192.0.2.1'");
  BOOST_TEST(one.log.count("asked by 192.0.2.1") == 1u);
  BOOST_TEST(one.forwarded_for("2001:db8::1") == "you are '2001:db8::1'");
}

BOOST_AUTO_TEST_CASE(what_anybody_else_says_of_its_address_is_ignored) {
  const telling by_default{{}};
  BOOST_TEST(by_default.forwarded_for("192.0.2.1") == "you are '127.0.0.1'");
  const telling one{{.trusted_proxies = {"127.0.0.2"}}};
  BOOST_TEST(one.forwarded_for("192.0.2.1") == "you are '127.0.0.1'");
}

BOOST_AUTO_TEST_CASE(a_trusted_proxy_that_says_nothing_readable_is_the_client) {
  const telling one{trusting};
  BOOST_TEST(one.address_behind("") == "you are '127.0.0.1'");
  BOOST_TEST(one.forwarded_for("unknown") == "you are '127.0.0.1'");
  BOOST_TEST(one.forwarded_for("192.0.2.1, who?, 10.0.0.2") == "you are '10.0.0.2'");
}

BOOST_AUTO_TEST_CASE(a_proxy_may_come_by_a_unix_socket) {
  const test::temporary_folder folder;
  const telling one{{.unix = folder.file("s"), .trusted_proxies = {"unix"}}};
  auto client = test::raw_client::unix_socket(folder.file("s"));
  BOOST_TEST(telling::address_of(client, {{"X-Forwarded-For", "192.0.2.1"}}) == "you are '192.0.2.1'");
}

BOOST_AUTO_TEST_CASE(clients_behind_a_proxy_are_limited_each_by_its_own_address) {
  const telling one{trusting, {.max_connections_per_address = 1}};
  const test::header_list ann{{"X-Forwarded-For", "192.0.2.1"}};
  auto silent = one.socket(); // whose it is nobody knows yet
  auto first = one.socket();
  BOOST_REQUIRE(telling::address_of(first, ann) == "you are '192.0.2.1'");
  auto second = one.socket();
  const auto refusal = second.upgrade("/", ann);
  BOOST_TEST(refusal.status == 429);
  BOOST_TEST(refusal.header("Retry-After") == "5");
  BOOST_TEST(second.at_eof());
  BOOST_TEST(one.log.count("asked by 192.0.2.1") == 1u);
  BOOST_TEST(one.app.statistics().refused_address == 1u);
  BOOST_TEST(one.forwarded_for("192.0.2.2") == "you are '192.0.2.2'");
  end(first);
  BOOST_TEST(one.forwarded_for("192.0.2.1") == "you are '192.0.2.1'");
  BOOST_TEST(telling::address_of(silent, {{"X-Forwarded-For", "192.0.2.3"}}) == "you are '192.0.2.3'");
}

BOOST_AUTO_TEST_CASE(a_client_behind_a_proxy_has_its_place_back_with_its_answer) {
  const telling one{trusting, {.max_connections_per_address = 1}};
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(
        one.socket().http("GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n").status
        == 200);
  BOOST_TEST(one.app.statistics().refused_address == 0u);
}

BOOST_AUTO_TEST_CASE(who_does_not_come_through_the_proxy_is_counted_before_it_asks) {
  const telling one{{.trusted_proxies = {"127.0.0.2"}}, {.max_connections_per_address = 1}};
  auto silent = one.socket();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  BOOST_TEST(one.socket().read_reply().status == 429);
}

BOOST_AUTO_TEST_CASE(a_page_is_the_servers_own_by_the_field_host_alone) {
  const telling one{trusting};
  const auto status = [&](const test::header_list& fields) { return one.socket().upgrade("/own", fields).status; };
  BOOST_TEST(status({{"Host", "shop.example"}, {"Origin", "https://shop.example"}, {"X-Forwarded-Proto", "https"}}) == 101);
  BOOST_TEST(status({{"Host", "10.0.0.5"}, {"Origin", "https://shop.example"}, {"X-Forwarded-Host", "shop.example"}}) == 403);
}

// The PROXY protocol

BOOST_AUTO_TEST_CASE(a_connection_is_whose_its_proxy_header_says) {
  const telling one{proxied};
  BOOST_TEST(one.address_behind(line("192.0.2.1")) == "you are '192.0.2.1'");
  BOOST_TEST(one.log.count("asked by 192.0.2.1") == 1u);
  BOOST_TEST(one.address_behind(from_ipv6) == "you are '2001:db8::1'");
  BOOST_TEST(one.refused_headers() == 0u);
}

BOOST_AUTO_TEST_CASE(header_and_request_may_come_in_one_piece_or_in_many) {
  const telling one{proxied};
  const auto all = line("192.0.2.1") + "GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  BOOST_TEST(one.socket().http(all).body == "a page");
  auto slow = one.socket();
  for (const char byte : all)
    slow.send_raw({&byte, 1});
  BOOST_TEST(slow.read_reply().body == "a page");
  BOOST_TEST(one.socket().http(from_ipv6 + "GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").body == "a page");
}

BOOST_AUTO_TEST_CASE(tls_comes_behind_the_proxy_header) {
  auto listening = proxied;
  listening.tls = {.cert = test::certificate("server.pem"), .key = test::certificate("server.key")};
  const telling one{listening};
  for (const auto& [header, address] : {std::pair{line("192.0.2.1"), "192.0.2.1"}, std::pair{from_ipv6, "2001:db8::1"}}) {
    test::tls_bridge bridge{one.app.port(), {.before_tls = header}};
    auto client = test::raw_client::over(bridge.take_plain());
    BOOST_TEST(telling::address_of(client) == "you are '"s + address + "'");
  }
}

BOOST_AUTO_TEST_CASE(a_proxys_own_connections_and_those_of_unknown_clients_have_the_sockets_address) {
  const telling one{proxied};
  BOOST_TEST(one.address_behind(local) == "you are '127.0.0.1'");
  BOOST_TEST(one.address_behind("PROXY UNKNOWN\r\n") == "you are '127.0.0.1'");
}

BOOST_AUTO_TEST_CASE(what_does_not_begin_with_a_proxy_header_is_ended_without_an_answer_and_counted) {
  const telling one{proxied};
  std::uint64_t refused = 0;
  for (const auto& bytes : {"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"s, "PROXY TCP4 192.0.2.1\r\n"s, "\x16\x03\x01"s,
                            "PROXY UNKNOWN "s + std::string(200, 'x') + "\r\n", local.substr(0, 14) + "\xFF\xFF"}) {
    auto client = one.socket();
    client.send_raw(bytes);
    BOOST_TEST(client.read_to_end() == "");
    BOOST_TEST(one.refused_headers() == ++refused);
  }
  BOOST_TEST(one.app.statistics().handshakes == 0u);
  BOOST_TEST(one.address_behind(line("192.0.2.1")) == "you are '192.0.2.1'");
}

BOOST_AUTO_TEST_CASE(a_proxy_header_that_does_not_come_in_time_ends_the_connection) {
  const telling one{proxied, {.handshake_timeout = 100ms}};
  auto silent = one.socket();
  BOOST_TEST(silent.read_to_end() == "");
  auto half = one.socket();
  half.send_raw("PROXY TCP4 ");
  BOOST_TEST(half.read_to_end() == "");
  BOOST_TEST(one.refused_headers() == 2u);
}

BOOST_AUTO_TEST_CASE(a_request_that_does_not_follow_the_proxy_header_in_time_gets_408) {
  const telling one{proxied, {.handshake_timeout = 100ms}};
  auto silent = one.socket();
  silent.send_raw(line("192.0.2.1"));
  BOOST_TEST(silent.read_reply().status == 408);
  BOOST_TEST(one.refused_headers() == 0u);
}

BOOST_AUTO_TEST_CASE(who_goes_within_a_proxy_header_is_counted_and_who_goes_before_it_is_not) {
  const telling one{proxied};
  auto curious = one.socket();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  curious.close();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 0; }));
  BOOST_TEST(one.refused_headers() == 0u);
  auto half = one.socket();
  half.send_raw("PROXY ");
  half.shutdown_write();
  BOOST_TEST(half.read_to_end() == "");
  BOOST_TEST(one.refused_headers() == 1u);
}

BOOST_AUTO_TEST_CASE(a_proxy_header_where_none_is_expected_is_refused) {
  const telling one{trusting};
  const auto request = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"s;
  BOOST_TEST(one.socket().http(line("192.0.2.1") + request).status == 400);
  BOOST_TEST(one.socket().http(from_ipv6 + request).status == 400);
}

BOOST_AUTO_TEST_CASE(with_trusted_proxies_the_header_is_taken_from_those_only) {
  auto listening = proxied;
  listening.trusted_proxies = {"127.0.0.2"};
  const telling strict{listening};
  auto stranger = strict.socket();
  BOOST_TEST(stranger.read_to_end() == "");
  BOOST_TEST(strict.refused_headers() == 1u);
  listening.trusted_proxies = {"127.0.0.1"};
  const telling one{listening};
  BOOST_TEST(one.address_behind(line("192.0.2.1")) == "you are '192.0.2.1'");
}

BOOST_AUTO_TEST_CASE(a_proxy_may_pass_on_the_connections_of_another_one) {
  auto listening = trusting;
  listening.proxy_protocol = proxy_protocol::required;
  const telling one{listening};
  const test::header_list field{{"X-Forwarded-For", "203.0.113.7"}};
  BOOST_TEST(one.address_behind(line("10.0.0.7"), field) == "you are '203.0.113.7'");
  BOOST_TEST(one.address_behind(line("192.0.2.1"), field) == "you are '192.0.2.1'");
}

BOOST_AUTO_TEST_CASE(a_client_that_its_proxy_does_not_know_cannot_make_up_an_address) {
  auto listening = trusting;
  listening.proxy_protocol = proxy_protocol::required;
  const telling one{listening};
  for (const auto& header : {"PROXY UNKNOWN\r\n"s, local})
    BOOST_TEST(one.address_behind(header, {{"X-Forwarded-For", "203.0.113.7"}}) == "you are '127.0.0.1'");
}

BOOST_AUTO_TEST_CASE(clients_behind_a_proxy_header_are_limited_each_by_its_own_address) {
  const telling one{proxied, {.max_connections_per_address = 1}};
  auto unnamed = one.socket(); // whose it is nobody knows yet
  auto first = one.socket();
  first.send_raw(line("192.0.2.1"));
  BOOST_REQUIRE(telling::address_of(first) == "you are '192.0.2.1'");
  auto second = one.socket();
  second.send_raw(line("192.0.2.1")); // refused before it asks
  BOOST_TEST(second.read_reply().status == 429);
  BOOST_TEST(one.app.statistics().refused_address == 1u);
  BOOST_TEST(one.address_behind(line("192.0.2.2")) == "you are '192.0.2.2'");
  end(first);
  BOOST_TEST(one.address_behind(line("192.0.2.1")) == "you are '192.0.2.1'");
  unnamed.send_raw(line("192.0.2.3"));
  BOOST_TEST(telling::address_of(unnamed) == "you are '192.0.2.3'");
}

BOOST_AUTO_TEST_CASE(sockets_without_their_proxy_header_count_as_handshakes) {
  const telling one{proxied, {.max_handshakes = 1}};
  auto silent = one.socket();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  auto second = one.socket();
  BOOST_TEST(second.read_to_end() == "");
  BOOST_TEST(one.app.statistics().refused_handshakes == 1u);
  silent.send_raw(line("192.0.2.1"));
  BOOST_TEST(telling::address_of(silent) == "you are '192.0.2.1'");
}

BOOST_AUTO_TEST_CASE(an_app_stops_while_proxy_headers_are_awaited) {
  telling one{proxied};
  auto silent = one.socket();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  one.app.stop();
  one.app.wait();
  BOOST_TEST(silent.read_to_end() == "");
}

BOOST_AUTO_TEST_SUITE_END()
