// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace test = harpia::test;

namespace {

using namespace std::string_literals;

struct pages_fixture {
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }
  [[nodiscard]] test::http_reply get(std::string_view path) const { return test::raw_client::tcp(app.port()).get(path); }
  [[nodiscard]] test::http_reply ask(std::string_view method, std::string_view path) const {
    return test::raw_client::tcp(app.port())
        .http(std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  harpia::app app;
};

} // namespace

BOOST_AUTO_TEST_SUITE(pages)

// Handlers

BOOST_FIXTURE_TEST_CASE(a_page_answers_get, pages_fixture) {
  app.get("/hello/:name", [](const harpia::request& asked) {
    return harpia::http_response{.status = 201,
                                 .body = std::string{asked.param("name")} + asked.query("x").value_or(""),
                                 .content_type = "text/x",
                                 .headers = {{"X-Own", "1"}, {"Set-Cookie", "a=b"}, {"Set-Cookie", "c=d"}}};
  });
  start();
  const auto reply = get("/hello/caf%C3%A9?x=%21");
  BOOST_TEST(reply.status == 201);
  BOOST_TEST(reply.reason == "Created");
  BOOST_TEST(reply.body == "caf\xc3\xa9!");
  BOOST_TEST(reply.header("Content-Type") == "text/x");
  BOOST_TEST(reply.header("Content-Length") == std::to_string(reply.body.size()));
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(reply.header("X-Own") == "1");
  BOOST_TEST(!reply.header("Date").empty());
}

BOOST_FIXTURE_TEST_CASE(head_gets_the_header_section_of_get, pages_fixture) {
  app.get("/", [](const harpia::request&) { return harpia::http_response{.body = "hello"}; });
  start();
  const auto reply = ask("HEAD", "/");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.header("Content-Length") == "5");
  BOOST_TEST(reply.body == "");
}

BOOST_FIXTURE_TEST_CASE(other_methods_are_405, pages_fixture) {
  app.get("/", [](const harpia::request&) { return harpia::http_response{}; });
  start();
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "PROPFIND"}) {
    const auto reply = ask(method, "/");
    BOOST_TEST(reply.status == 405);
    BOOST_TEST(reply.header("Allow") == "GET, HEAD, OPTIONS");
  }
  const auto reply = ask("OPTIONS", "/");
  BOOST_TEST(reply.status == 204);
  BOOST_TEST(reply.header("Allow") == "GET, HEAD, OPTIONS");
}

BOOST_FIXTURE_TEST_CASE(a_large_page_arrives_whole, pages_fixture) {
  const std::string large(8 << 20, 'x');
  app.get("/", [&](const harpia::request&) { return harpia::http_response{.body = large}; });
  start();
  BOOST_TEST((get("/").body == large));
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_throws_is_500_and_tells_nothing, pages_fixture) {
  app.get("/exception", [](const harpia::request&) -> harpia::http_response { throw std::runtime_error{"inner secret"}; });
  app.get("/number", [](const harpia::request&) -> harpia::http_response { throw 42; });
  app.get("/status", [](const harpia::request&) { return harpia::http_response{.status = 99}; });
  app.get("/upgrade", [](const harpia::request&) { return harpia::http_response{.status = 101}; });
  app.get("/fine", [](const harpia::request&) { return harpia::http_response{.body = "fine"}; });
  start();
  for (const auto* path : {"/exception", "/number", "/status", "/upgrade"}) {
    const auto reply = get(path);
    BOOST_TEST(reply.status == 500, path);
    BOOST_TEST(reply.body.find("secret") == std::string::npos);
  }
  BOOST_TEST(get("/fine").body == "fine");
}

BOOST_FIXTURE_TEST_CASE(a_response_with_fields_that_would_split_it_is_500, pages_fixture) {
  app.get("/", [](const harpia::request& asked) {
    const auto given = asked.query("x").value_or("");
    return harpia::http_response{.body = "hello", .content_type = given, .headers = {{"X-Given", given}}};
  });
  start();
  const auto reply = get("/?x=a%0D%0AEvil:%20b");
  BOOST_TEST(reply.status == 500);
  BOOST_TEST(reply.header("Evil") == "");
  BOOST_TEST(get("/?x=fine").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_page_and_a_websocket_may_share_a_path, pages_fixture) {
  app.get("/both", [](const harpia::request&) { return harpia::http_response{.body = "the page"}; });
  app.ws<harpia::no_data>("/both", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  start();
  BOOST_TEST(get("/both").body == "the page");
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/both").status == 101);
  client.send_text("the socket");
  BOOST_TEST(client.read_text() == "the socket");
}

BOOST_FIXTURE_TEST_CASE(a_page_that_stops_the_app_is_still_answered, pages_fixture) {
  app.get("/stop", [&](const harpia::request&) {
    app.stop();
    return harpia::http_response{.body = std::string(1 << 20, 'x')};
  });
  start();
  BOOST_TEST(get("/stop").body.size() == (1u << 20));
  app.wait();
}

BOOST_AUTO_TEST_SUITE_END()
