// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// An app that echoes on /echo and has a page on /page.
struct served {
  explicit served(const harpia::app_options& options = {.handshake_timeout = 300ms}) : app{options} {
    app.ws("/echo",
           harpia::handlers<harpia::no_data>{.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
    app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "a page"}; });
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  [[nodiscard]] test::raw_client connect() const { return test::raw_client::tcp(app.port()); }

  /// Whatever happened before, others are served.
  void check_that_it_still_serves() const {
    auto client = connect();
    BOOST_REQUIRE(client.upgrade("/echo").status == 101);
    client.send_text("still there?");
    BOOST_TEST(client.read_text() == "still there?");
    client.send_close(1000);
    BOOST_TEST(client.read_close().first == 1000);
  }

  harpia::app app;
};

struct fixture : served {
  /// Sends an upgrade to `path` with `changed` fields and checks that the answer is `status` and the end.
  test::http_reply refused(int status, std::string_view path, const test::header_list& changed = {}) const {
    auto client = connect();
    auto reply = client.upgrade(path, changed);
    check(client, reply, status);
    return reply;
  }

  /// The same for bytes of any kind.
  test::http_reply refused_raw(int status, std::string_view bytes) const {
    auto client = connect();
    client.send_raw(bytes);
    auto reply = client.read_reply();
    check(client, reply, status);
    return reply;
  }

  void check(test::raw_client& client, const test::http_reply& reply, int status) const {
    BOOST_TEST(reply.status == status);
    BOOST_TEST(reply.body.starts_with(std::to_string(status) + " "));
    BOOST_TEST(reply.header("Connection").find("close") != std::string::npos);
    BOOST_TEST(client.at_eof());
    check_that_it_still_serves();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(bad_upgrades, fixture)

// Where to

BOOST_AUTO_TEST_CASE(an_unknown_path_is_404) {
  refused(404, "/nowhere");
  refused(404, "/echo/more");
  refused(404, "/echo%zz");
  refused(404, "/");
  refused_raw(404, "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  refused_raw(404, "POST /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_page_is_no_websocket) {
  refused(404, "/page");
}

BOOST_AUTO_TEST_CASE(a_plain_get_on_a_websocket_is_426) {
  const auto reply = refused_raw(426, "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  BOOST_TEST(reply.header("Upgrade") == "websocket");
  BOOST_TEST(reply.header("Connection") == "Upgrade, close");
  refused(426, "/echo", {{"Upgrade", "h2c"}});
}

BOOST_AUTO_TEST_CASE(a_head_on_a_websocket_is_426_without_a_body) {
  auto client = connect();
  const auto reply = client.http("HEAD /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  BOOST_TEST(reply.status == 426);
  BOOST_TEST(reply.body == "");
}

BOOST_AUTO_TEST_CASE(a_post_is_405_and_told_what_is_allowed) {
  const auto plain = refused_raw(405, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  BOOST_TEST(plain.header("Allow") == "GET, OPTIONS");
  const auto upgrade = refused_raw(405, "POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  BOOST_TEST(upgrade.header("Allow") == "GET, OPTIONS");
}

// How

BOOST_AUTO_TEST_CASE(an_upgrade_with_a_body_is_400_and_its_body_is_no_message) {
  const auto upgrade = "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"s;
  const auto frame = "\x81\x85\0\0\0\0hello"s;
  refused_raw(400, upgrade + "Content-Length: 11\r\n\r\n" + frame);
  refused_raw(400, upgrade + "Transfer-Encoding: chunked\r\n\r\nb\r\n" + frame + "\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_repeated_host_is_400) {
  refused(400, "/echo", {{"Host", "one.example"}, {"Host", "other.example"}});
  refused_raw(400, "GET /page HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_missing_or_bad_key_is_400) {
  refused(400, "/echo", {{"Sec-WebSocket-Key", ""}});
  refused(400, "/echo", {{"Sec-WebSocket-Key", "c2hvcnQ="}});
  refused(400, "/echo", {{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==="}});
  refused_raw(400, "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_missing_connection_or_host_field_is_400) {
  refused(400, "/echo", {{"Connection", "keep-alive"}});
  refused_raw(400, "GET /echo HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(another_version_is_426_and_told_which_is_spoken) {
  for (const auto* version : {"8", "12", "14"}) {
    const auto reply = refused(426, "/echo", {{"Sec-WebSocket-Version", version}});
    BOOST_TEST(reply.header("Sec-WebSocket-Version") == "13");
  }
}

BOOST_AUTO_TEST_CASE(fields_may_be_repeated_where_lists_are_allowed) {
  auto client = connect();
  const auto reply = client.upgrade(
      "/echo", {{"Connection", "keep-alive"}, {"Connection", "Upgrade"}, {"Upgrade", "h2c"}, {"Upgrade", "foo/2, websocket"}});
  BOOST_REQUIRE(reply.status == 101);
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

// Whether it is HTTP at all

BOOST_AUTO_TEST_CASE(a_header_over_the_limit_is_431) {
  refused(431, "/echo", {{"X-Large", std::string(16 << 10, 'x')}});
  refused(431, "/" + std::string(16 << 10, 'x'));
  refused_raw(431, "GET /echo HTTP/1.1\r\nX: " + std::string(20 << 10, 'x')); // never ends
  auto client = connect();
  BOOST_TEST(client.upgrade("/echo", {{"X-Large", std::string(15 << 10, 'x')}}).status == 101);
}

BOOST_AUTO_TEST_CASE(garbage_is_400) {
  refused_raw(400, "garbage\r\n\r\n");
  refused_raw(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s); // a TLS client
  refused_raw(400, test::encode_frame({.payload = "a frame without a handshake"}) + "\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(another_http_is_505_and_an_upgrade_of_1_0_is_426) {
  refused_raw(426, "GET /echo HTTP/1.0\r\nHost: x\r\n\r\n");
  refused_raw(426, "GET /echo HTTP/1.0\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  refused_raw(505, "GET /echo HTTP/1.2\r\nHost: x\r\n\r\n");
  refused_raw(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

// When

BOOST_AUTO_TEST_CASE(a_client_that_sends_nothing_gets_408) {
  refused_raw(408, "");
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_half_a_request_gets_408) {
  refused_raw(408, "GET /ec");
  refused_raw(408, "GET /echo HTTP/1.1\r\nHost: x\r\n");
}

BOOST_AUTO_TEST_CASE(clients_that_go_before_they_asked_harm_nobody) {
  for (int i = 0; i < 50; ++i) {
    auto nothing = connect();
    nothing.close();
    auto half = connect();
    half.send_raw("GET /echo HTTP/1.1\r\n");
    half.reset();
    auto ended = connect();
    ended.shutdown_write();
    BOOST_TEST(ended.at_eof());
  }
  check_that_it_still_serves();
}

// What is sent early

BOOST_AUTO_TEST_CASE(frames_right_behind_the_request_are_served) {
  auto client = connect();
  client.send_raw("GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                  + test::encode_frame({.payload = "early"}) + test::encode_frame({.payload = "bird"}).substr(0, 3));
  BOOST_TEST(client.read_reply().status == 101);
  BOOST_TEST(client.read_text() == "early");
  client.send_raw(test::encode_frame({.payload = "bird"}).substr(3));
  BOOST_TEST(client.read_text() == "bird");
}

BOOST_AUTO_TEST_CASE(a_request_may_come_byte_by_byte) {
  auto client = connect();
  const auto bytes = "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"s;
  for (const char& byte : bytes)
    client.send_raw({&byte, 1});
  BOOST_TEST(client.read_reply().status == 101);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bad_upgrades)

BOOST_AUTO_TEST_CASE(a_client_that_drips_bytes_gets_408_all_the_same) {
  const served one{{.handshake_timeout = 300ms, .max_header = std::size_t{1} << 30}};
  auto client = one.connect();
  client.send_raw("GET /echo HTTP/1.1\r\n");
  char byte = 0;
  while (::recv(client.fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0)
    client.send_raw("X: y\r\n");
  BOOST_TEST(client.read_reply().status == 408);
  one.check_that_it_still_serves();
}

// How many

BOOST_AUTO_TEST_CASE(more_unfinished_requests_than_allowed_get_503) {
  const served one{{.handshake_timeout = 10s, .max_handshakes = 2}};
  auto first = one.connect();
  auto second = one.connect();
  (void)one.connect().get("/page"); // the loop has the first two by now, in whatever turn it took this one
  auto third = one.connect();
  const auto reply = third.read_reply();
  BOOST_TEST(reply.status == 503);
  BOOST_TEST(third.at_eof());
  first.close();
  BOOST_TEST(second.upgrade("/echo").status == 101);
  one.check_that_it_still_serves();
}

BOOST_AUTO_TEST_SUITE_END()
