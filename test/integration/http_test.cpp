// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include <harpia/cors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/page.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

harpia::http_response respond(std::string body) {
  return {.body = std::move(body)};
}

/// An app with pages, and clients that may ask for several of them.
struct http_fixture : test::logged_app {
  http_fixture() {
    app.get("/hello", [](const harpia::request&) { return respond("hello"); });
    app.post("/echo", [](const harpia::request& asked) { return respond(std::string{asked.body()}); }, {.max_body = 1000});
  }

  [[nodiscard]] test::raw_client connect() const { return test::raw_client::tcp(app.port()); }

  /// What one request gets, on a connection of its own.
  [[nodiscard]] test::http_reply ask(std::string_view line, std::string_view fields = {}, std::string_view body = {}) const {
    auto client = connect();
    return ask(client, line, fields, body);
  }
  /// What one request gets, on a connection that may go on.
  static test::http_reply ask(test::raw_client& client, std::string_view line, std::string_view fields = {},
                              std::string_view body = {}) {
    client.send_raw(request(line, fields, body));
    if (line.starts_with("HEAD"))
      return client.read_head();
    return client.read_reply();
  }
  static std::string request(std::string_view line, std::string_view fields = {}, std::string_view body = {}) {
    auto text = std::string{line} + " HTTP/1.1\r\nHost: x\r\n" + std::string{fields};
    if (!body.empty())
      text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string{body};
  }

  static constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(http, http_fixture)

// Methods

BOOST_AUTO_TEST_CASE(every_method_has_pages_of_its_own) {
  const auto telling = [](std::string_view what) {
    return [what](const harpia::request& asked) { return respond(std::string{what} + " " + std::string{asked.param("id")}); };
  };
  app.get("/item/:id", telling("got"));
  app.put("/item/:id", telling("put"));
  app.patch("/item/:id", telling("patched"));
  app.del("/item/:id", telling("deleted"));
  app.http("PROPFIND", "/item/:id", telling("found"));
  app.post("/item", telling("posted"));
  start();
  BOOST_TEST(ask("GET /item/1").body == "got 1");
  BOOST_TEST(ask("PUT /item/1").body == "put 1");
  BOOST_TEST(ask("PATCH /item/1").body == "patched 1");
  BOOST_TEST(ask("DELETE /item/1").body == "deleted 1");
  BOOST_TEST(ask("PROPFIND /item/1").body == "found 1");
  BOOST_TEST(ask("POST /item").body == "posted ");
  BOOST_TEST(ask("HEAD /item/1").header("Content-Length") == "5");
}

BOOST_AUTO_TEST_CASE(a_path_tells_which_methods_it_has) {
  app.put("/thing", [](const harpia::request&) { return respond(""); });
  app.get("/thing", [](const harpia::request&) { return respond(""); });
  app.ws<harpia::no_data>("/both", {});
  app.post("/both", [](const harpia::request&) { return respond("posted"); });
  start();
  const auto refused = ask("DELETE /thing");
  BOOST_TEST(refused.status == 405);
  BOOST_TEST(refused.header("Allow") == "GET, HEAD, PUT, OPTIONS");
  const auto options = ask("OPTIONS /thing");
  BOOST_TEST(options.status == 204);
  BOOST_TEST(options.header("Allow") == "GET, HEAD, PUT, OPTIONS");
  BOOST_TEST(options.header("Content-Length") == "");
  BOOST_TEST(ask("OPTIONS /both").header("Allow") == "POST, GET, OPTIONS");
  BOOST_TEST(ask("GET /both").status == 426);
  BOOST_TEST(ask("POST /both").body == "posted");
  BOOST_TEST(ask("OPTIONS *").status == 204);
  BOOST_TEST(ask("OPTIONS /").status == 204); // as haproxy's httpchk asks
  BOOST_TEST(ask("GET /").status == 404);
  BOOST_TEST(ask("OPTIONS /nowhere").status == 404);
}

BOOST_AUTO_TEST_CASE(the_most_specific_page_that_has_the_method_answers) {
  app.get("/*", [](const harpia::request&) { return respond("any"); });
  app.post("/login", [](const harpia::request&) { return respond("login"); });
  start();
  BOOST_TEST(ask("GET /login").body == "any");
  BOOST_TEST(ask("POST /login").body == "login");
  BOOST_TEST(ask("POST /other").status == 405);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_declared_is_refused) {
  harpia::router router;
  const auto page = [](const harpia::request&) { return respond(""); };
  router.get("/a", page);
  BOOST_CHECK_THROW(router.get("/a", page), std::invalid_argument);
  router.post("/a", page); // another method
  BOOST_CHECK_THROW(router.get("/b", harpia::http_handler{}), std::invalid_argument);
  BOOST_CHECK_THROW(router.http("GE T", "/b", page), std::invalid_argument);
  BOOST_CHECK_THROW(router.http("", "/b", page), std::invalid_argument);
  BOOST_CHECK_THROW(router.http("CONNECT", "/b", page), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app{{.keep_alive_timeout = -1ms}}, std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app{{.keep_alive_requests = 0}}, std::invalid_argument);
}

// Bodies

BOOST_AUTO_TEST_CASE(a_page_gets_the_body) {
  start();
  BOOST_TEST(ask("POST /echo", {}, "some body").body == "some body");
  BOOST_TEST(ask("POST /echo").body == "");
  const std::string large(1000, 'x');
  BOOST_TEST(ask("POST /echo", {}, large).body == large);
  auto client = connect();
  client.send_raw(request("POST /echo", chunked) + "4\r\nsome\r\n5\r\n body\r\n0\r\n\r\n");
  BOOST_TEST(client.read_reply().body == "some body");
}

BOOST_AUTO_TEST_CASE(a_body_may_come_slowly) {
  start();
  auto client = connect();
  const auto all = request("POST /echo", {}, "slowly");
  for (const char byte : all)
    client.send_raw({&byte, 1});
  BOOST_TEST(client.read_reply().body == "slowly");
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_413_and_ends_the_connection) {
  start();
  auto client = connect();
  const auto reply = ask(client, "POST /echo", {}, std::string(1001, 'x'));
  BOOST_TEST(reply.status == 413);
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(client.at_eof());
  auto other = connect();
  other.send_raw(request("POST /echo", chunked) + "3e9\r\n");
  BOOST_TEST(other.read_reply().status == 413);
  BOOST_TEST(ask("POST /echo", "Content-Length: 99999999999\r\n").status == 413);
}

BOOST_AUTO_TEST_CASE(a_body_that_nobody_wants_ends_the_connection) {
  start();
  for (const auto* line : {"POST /nowhere", "POST /hello"}) {
    auto client = connect();
    const auto reply = ask(client, line, {}, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    BOOST_TEST((reply.status == 404 || reply.status == 405));
    BOOST_TEST(reply.header("Connection") == "close");
    BOOST_TEST(client.at_eof()); // the body was taken for no request
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_hardly_any_is_400) {
  start();
  for (const auto& endless : {"1;" + std::string(40'000, 'a'), "0\r\nTrailer: " + std::string(40'000, 'a')}) {
    auto client = connect();
    client.send_raw(request("POST /echo", chunked) + endless);
    BOOST_TEST(client.read_reply().status == 400);
  }
  std::string small; // chunks of one byte are fine
  for (int i = 0; i < 900; ++i)
    small += "1\r\nx\r\n";
  auto client = connect();
  client.send_raw(request("POST /echo", chunked) + small + "0\r\n\r\n");
  BOOST_TEST(client.read_reply().body == std::string(900, 'x'));
}

BOOST_AUTO_TEST_CASE(a_malformed_body_is_400_and_an_unknown_coding_501) {
  start();
  auto client = connect();
  client.send_raw(request("POST /echo", chunked) + "x\r\n\r\n");
  BOOST_TEST(client.read_reply().status == 400);
  BOOST_TEST(ask("POST /echo", "Transfer-Encoding: gzip\r\n").status == 501);
  BOOST_TEST(ask("POST /echo", "Content-Length: 1\r\nContent-Length: 1\r\n").status == 400);
  BOOST_TEST(ask("POST /echo", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n").status == 400);
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_a_100_gets_one_if_the_body_is_wanted) {
  start();
  auto client = connect();
  client.send_raw(request("POST /echo", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
  BOOST_TEST(client.read_reply().status == 100);
  client.send_raw("body");
  BOOST_TEST(client.read_reply().body == "body");
  // Whoever sends the body at once gets none.
  client.send_raw(request("POST /echo", "Expect: 100-continue\r\n", "body"));
  BOOST_TEST(client.read_reply().body == "body");
  // And nobody is told to send what is refused.
  BOOST_TEST(ask("POST /echo", "Expect: 100-continue\r\nContent-Length: 1001\r\n").status == 413);
  BOOST_TEST(ask("POST /nowhere", "Expect: 100-continue\r\nContent-Length: 4\r\n").status == 404);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_finish_its_body_gets_408) {
  start();
  auto client = connect();
  client.send_raw(request("POST /echo", "Content-Length: 4\r\n") + "bo");
  BOOST_TEST(client.read_reply().status == 408);
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_form_is_read_by_its_names) {
  app.post("/login", [](const harpia::request& asked) {
    return respond(asked.form("name").value_or("nobody") + "/" + asked.form("password").value_or("nothing"));
  });
  start();
  const auto form = "Content-Type: application/x-www-form-urlencoded\r\n"s;
  BOOST_TEST(ask("POST /login", form, "name=Ann+B&password=a%26b").body == "Ann B/a&b");
  BOOST_TEST(ask("POST /login", "Content-Type: Application/X-WWW-form-urlencoded; charset=utf-8\r\n", "name=Ann").body
             == "Ann/nothing");
  BOOST_TEST(ask("POST /login", "Content-Type: text/plain\r\n", "name=Ann").body == "nobody/nothing");
  BOOST_TEST(ask("POST /login?name=Ann", form).body == "nobody/nothing");
}

BOOST_AUTO_TEST_CASE(pages_and_sockets_know_the_clients_address) {
  app.get("/who", [](const harpia::request& asked) { return respond(std::string{asked.remote_address()}); });
  app.ws<harpia::no_data>("/who", {.open = [](auto& ws) {
                            ws.send(std::string{ws.request().remote_address()} + " " + std::string{ws.remote_address()});
                          }});
  start();
  BOOST_TEST(ask("GET /who").body == "127.0.0.1");
  auto client = logged_app::connect("/who");
  BOOST_TEST(client.read_text() == "127.0.0.1 127.0.0.1");
}

// Several requests on one connection

BOOST_AUTO_TEST_CASE(a_connection_serves_one_page_after_the_other) {
  start();
  auto client = connect();
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(ask(client, "GET /hello").body == "hello");
    BOOST_TEST(ask(client, "POST /echo", {}, "body").body == "body");
    BOOST_TEST(ask(client, "HEAD /hello").header("Content-Length") == "5");
    BOOST_TEST(ask(client, "GET /nowhere").status == 404);
    BOOST_TEST(ask(client, "DELETE /hello").status == 405);
  }
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  // And may become a WebSocket in the end.
  app.stop();
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_served_pages_may_become_a_websocket) {
  app.ws<harpia::no_data>("/ws", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
  BOOST_TEST(client.upgrade("/ws").status == 101);
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

BOOST_AUTO_TEST_CASE(requests_that_come_together_are_answered_in_their_order) {
  app.get("/number/:n", [](const harpia::request& asked) { return respond(std::string{asked.param("n")}); });
  app.get("/later/:n", [](const harpia::request& asked, harpia::http_reply reply) {
    std::thread{[reply = std::move(reply), number = std::string{asked.param("n")}] { reply.send(respond(number)); }}.detach();
  });
  start();
  auto client = connect();
  std::string all;
  constexpr int count = 300;
  for (int i = 0; i < count; ++i) {
    const auto number = std::to_string(i);
    all += i % 7 == 0   ? request("GET /later/" + number)
           : i % 3 == 0 ? request("POST /echo", {}, number)
                        : request("GET /number/" + number);
  }
  client.send_raw(all);
  for (int i = 0; i < count; ++i)
    BOOST_REQUIRE(client.read_reply().body == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(thousands_of_requests_may_come_in_one_piece) {
  harpia::app roomy{{.keep_alive_requests = 100'000}};
  roomy.post("/", [](const harpia::request& asked) { return respond(std::string{asked.body()}); });
  roomy.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(roomy.port());
  constexpr int count = 8000;
  std::string all;
  for (int i = 0; i < count; ++i)
    all += request("POST /", {}, "x");
  std::thread writer{[&] { client.send_raw(all); }};
  int answered = 0;
  while (answered < count && client.read_reply().body == "x")
    ++answered;
  writer.join();
  BOOST_TEST(answered == count);
}

BOOST_AUTO_TEST_CASE(whoever_wants_to_end_is_let_go) {
  start();
  auto client = connect();
  const auto reply = ask(client, "GET /hello", "Connection: close\r\n");
  BOOST_TEST(reply.body == "hello");
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_stream_may_end_the_connection) {
  app.get("/last", [](const harpia::request&, harpia::http_reply reply) {
    reply.stream({.headers = {{"Connection", "close"}}}).write("x");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /last") + request("GET /hello"));
  const auto reply = client.read_reply();
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(reply.body == "x");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(empty_lines_between_requests_are_none) {
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
  client.send_raw("\r\n\r\n");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
  client.send_raw("\r\n");
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_page_may_end_the_connection) {
  app.get("/last", [](const harpia::request&) {
    return harpia::http_response{.body = "x", .headers = {{"Connection", "close"}}};
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /last").header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(an_idle_connection_ends_after_its_time) {
  harpia::app brief{{.keep_alive_timeout = 50ms}};
  brief.get("/", [](const harpia::request&) { return respond("x"); });
  brief.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(brief.port());
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_connection_gets_as_many_pages_as_are_allowed) {
  harpia::app brief{{.keep_alive_requests = 3}};
  brief.get("/", [](const harpia::request&) { return respond("x"); });
  brief.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(brief.port());
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(ask(client, "GET /").header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(no_connection_is_kept_if_none_is_to_be) {
  harpia::app brief{{.keep_alive_timeout = 0ms}};
  brief.get("/", [](const harpia::request&) { return respond("x"); });
  brief.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(brief.port());
  BOOST_TEST(ask(client, "GET /").header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(idle_connections_take_no_more_than_half_of_the_handshakes) {
  harpia::app small{{.max_handshakes = 4}};
  small.get("/", [](const harpia::request&) { return respond("x"); });
  small.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(test::raw_client::tcp(small.port()));
    const auto reply = ask(clients.back(), "GET /");
    BOOST_TEST(reply.body == "x");
    BOOST_TEST(reply.header("Connection") == (i < 2 ? "" : "close"));
  }
}

BOOST_AUTO_TEST_CASE(an_idle_connection_takes_no_slot_of_its_address) {
  harpia::app small{{.max_connections_per_address = 1}};
  small.get("/", [](const harpia::request&) { return respond("x"); });
  small.ws<harpia::no_data>("/ws", {});
  small.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(small.port());
  BOOST_TEST(ask(client, "GET /").body == "x");
  auto other = test::raw_client::tcp(small.port());
  BOOST_TEST(other.upgrade("/ws").status == 101);
  const auto reply = ask(client, "GET /"); // but a request does
  BOOST_TEST(reply.status == 429);
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_idle_connections) {
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
  app.stop();
  app.wait();
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_large_page_arrives_whole_and_a_further_one_follows) {
  const std::string large(8 << 20, 'x');
  app.get("/large", [&](const harpia::request&) { return respond(large); });
  start();
  auto client = connect();
  client.send_raw(request("GET /large") + request("GET /hello"));
  BOOST_TEST((client.read_reply().body == large));
  BOOST_TEST(client.read_reply().body == "hello");
}

// HTTP/1.0 and proxies

BOOST_AUTO_TEST_CASE(http_1_0_is_served) {
  start();
  auto client = connect();
  const auto reply = client.http("GET /hello HTTP/1.0\r\n\r\n"); // as nginx's proxy_pass and haproxy's httpchk
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.body == "hello");
  BOOST_TEST(reply.header("Connection") == "close");
  auto kept = connect();
  for (int i = 0; i < 3; ++i) {
    kept.send_raw("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto again = kept.read_reply();
    BOOST_TEST(again.body == "hello");
    BOOST_TEST(again.header("Connection") == "keep-alive");
  }
}

BOOST_AUTO_TEST_CASE(a_target_may_be_a_url) {
  app.get("/host", [](const harpia::request& asked) { return respond(std::string{*asked.header("Host")}); });
  app.ws<harpia::no_data>("/ws", {});
  start();
  BOOST_TEST(ask("GET http://other.example:1/host").body == "other.example:1");
  auto client = connect();
  client.send_raw(request("GET ws://x/ws", "Upgrade: foo/2, websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  BOOST_TEST(client.read_reply().status == 101);
}

// Late answers

BOOST_AUTO_TEST_CASE(a_page_may_be_answered_later_from_any_thread) {
  app.post("/later", [](const harpia::request& asked, harpia::http_reply reply) {
    std::thread{[reply = std::move(reply), body = std::string{asked.body()}] { reply.send(respond(body)); }}.detach();
  });
  start();
  auto client = connect();
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(ask(client, "POST /later", {}, "number " + std::to_string(i)).body == "number " + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_page_may_be_answered_at_once_by_its_reply) {
  app.get("/now", [](const harpia::request&, harpia::http_reply reply) {
    reply.send(respond("first"));
    reply.send(respond("second")); // the first one counts
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /now").body == "first");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_page_without_an_answer_is_500_or_504) {
  std::optional<harpia::http_reply> kept;
  app.get("/none", [](const harpia::request&, harpia::http_reply) {});
  app.get("/throws", [](const harpia::request&, harpia::http_reply) { test::boom(); });
  app.get("/never", [&](const harpia::request&, harpia::http_reply reply) { kept = std::move(reply); });
  start();
  BOOST_TEST(ask("GET /none").status == 500);
  BOOST_TEST(ask("GET /throws").status == 500);
  BOOST_TEST(ask("GET /never").status == 504);
  kept->send(respond("too late")); // and harms nobody
  kept.reset();
  BOOST_TEST(ask("GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_reply_is_told_what_cannot_be_sent) {
  app.get("/bad", [&](const harpia::request&, harpia::http_reply reply) {
    const auto is_refused = [&](harpia::http_response response) {
      try {
        reply.send(std::move(response));
        return false;
      } catch (const std::invalid_argument& refused) {
        log.add(refused.what());
        return true;
      }
    };
    const bool all =
        is_refused({.headers = {{"A", "b\r\nc"}}}) && is_refused({.status = 100}) && is_refused({.status = 204, .body = "x"});
    reply.send(respond(all ? "all refused" : "not refused"));
  });
  start();
  BOOST_TEST(ask("GET /bad").body == "all refused");
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_before_its_answer_harms_nobody) {
  std::optional<harpia::http_reply> kept;
  app.get("/never", [&](const harpia::request&, harpia::http_reply reply) {
    kept = std::move(reply);
    log.add("asked");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /never"));
  log.wait_for("asked");
  client.reset();
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  kept->send(respond("too late"));
  kept.reset();
  BOOST_TEST(ask("GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_reply_may_outlive_the_app) {
  std::optional<harpia::http_reply> kept;
  std::optional<harpia::http_stream> stream;
  {
    harpia::app brief{{.handshake_timeout = 100ms}};
    brief.get("/never", [&](const harpia::request&, harpia::http_reply reply) { kept = std::move(reply); });
    brief.get("/stream", [&](const harpia::request&, harpia::http_reply reply) { stream = reply.stream(); });
    brief.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
    auto client = test::raw_client::tcp(brief.port());
    client.send_raw(request("GET /stream"));
    BOOST_TEST(client.read_head().status == 200);
    auto other = test::raw_client::tcp(brief.port());
    other.send_raw(request("GET /never"));
    BOOST_TEST(other.read_reply().status == 504);
  }
  kept->send(respond("too late"));
  BOOST_TEST((stream->write("too late") == harpia::send_status::closed));
  BOOST_TEST(!stream->is_open());
  stream->on_close([] {});
}

// Streams

BOOST_AUTO_TEST_CASE(a_body_may_be_written_piece_by_piece) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream({.content_type = "text/event-stream"});
    log.add("streaming");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  const auto head = client.read_head();
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.header("Content-Type") == "text/event-stream");
  BOOST_TEST(head.header("Transfer-Encoding") == "chunked");
  BOOST_TEST(head.header("Content-Length") == "");
  for (const auto* piece : {"one", "two", "three"}) {
    BOOST_TEST((stream->write(piece) == harpia::send_status::sent));
    BOOST_TEST(client.read_chunk() == piece);
  }
  BOOST_TEST(stream->is_open());
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
  BOOST_TEST((stream->write("more") == harpia::send_status::closed));
  BOOST_TEST(!stream->is_open());
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_its_last_copy) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) {
    const auto stream = reply.stream();
    stream.write("some");
    stream.write("thing");
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /stream").body == "something");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_of_http_1_0_ends_with_its_connection) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) { reply.stream().write("something"); });
  start();
  auto client = connect();
  const auto reply = client.http("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(reply.body == "something");
  BOOST_TEST(reply.header("Transfer-Encoding") == "");
  BOOST_TEST(reply.header("Connection") == "close");
}

BOOST_AUTO_TEST_CASE(head_of_a_stream_has_no_body) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) { reply.stream().write("something"); });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "HEAD /stream").header("Transfer-Encoding") == "chunked");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_has_back_pressure_and_drains) {
  constexpr std::size_t limit = 1 << 20;
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream({}, {.high_watermark = 1000, .low_watermark = 100, .max_buffered = limit});
    stream->on_drain([&] { log.add("drain"); });
    log.add("streaming");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  log.wait_for("streaming");
  const std::string piece(10'000, 'x');
  std::size_t accepted = 0;
  std::size_t dropped = 0;
  while (dropped == 0 && accepted < (std::size_t{64} << 20)) {
    const auto status = stream->write(piece);
    BOOST_REQUIRE((status == harpia::send_status::buffered || status == harpia::send_status::dropped));
    (status == harpia::send_status::dropped ? dropped : accepted) += piece.size();
    BOOST_REQUIRE(stream->buffered() <= limit);
  }
  BOOST_TEST(dropped > 0U);
  const auto drains = log.count("drain");
  std::size_t received = 0;
  BOOST_TEST(client.read_head().status == 200);
  while (received < accepted)
    received += client.read_chunk().size();
  BOOST_TEST(received == accepted);
  log.wait_for("drain", drains + 1);
  BOOST_TEST(stream->buffered() == 0U);
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
}

BOOST_AUTO_TEST_CASE(a_writer_learns_that_its_client_has_gone) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream();
    stream->on_close([&] { log.add("gone"); });
  });
  start();
  for (const bool in_order : {true, false}) {
    auto client = connect();
    client.send_raw(request("GET /stream"));
    BOOST_TEST(client.read_head().status == 200);
    in_order ? client.close() : client.reset();
    log.wait_for("gone", in_order ? 1 : 2);
    BOOST_TEST((stream->write("x") == harpia::send_status::closed));
  }
  BOOST_TEST(!stream->is_open());
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_during_a_stream_is_answered_after_it) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) { stream = reply.stream(); });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  BOOST_TEST(client.read_head().status == 200);
  client.send_raw(request("GET /hello"));
  stream->write("x");
  BOOST_TEST(client.read_chunk() == "x");
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
  BOOST_TEST(client.read_reply().body == "hello");
}

BOOST_AUTO_TEST_CASE(a_page_that_is_to_be_answered_later_is_waited_for_when_the_app_stops) {
  harpia::app patient{{.stop_timeout = 20s}};
  std::optional<harpia::http_reply> kept;
  patient.get("/later", [&](const harpia::request&, harpia::http_reply reply) {
    kept = std::move(reply);
    log.add("asked");
  });
  patient.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  auto client = test::raw_client::tcp(patient.port());
  client.send_raw(request("GET /later"));
  log.wait_for("asked");
  std::promise<void> ended;
  std::future_status before{};
  std::thread answering{[&, end = ended.get_future()] {
    before = end.wait_for(1s); // longer than a stop waits for requests that are on their way
    kept->send(respond("at last"));
  }};
  patient.stop();
  patient.wait();
  ended.set_value();
  answering.join();
  BOOST_TEST((before == std::future_status::timeout));
  BOOST_TEST(client.read_reply().body == "at last");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_the_app_stops) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) { stream = reply.stream(); });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  BOOST_TEST(client.read_head().status == 200);
  app.stop();
  app.wait();
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(functions_may_own_the_stream_that_they_belong_to) {
  const auto witness = std::make_shared<int>();
  app.get("/pulled", [&, witness](const harpia::request&, harpia::http_reply reply) {
    const auto stream = reply.stream({}, {.high_watermark = 1000, .low_watermark = 100});
    auto left = std::make_shared<int>(50);
    stream.on_drain([stream, left, witness] { --*left > 0 ? void(stream.write(std::string(5000, 'x'))) : stream.end(); });
    stream.on_close([stream, witness, this] { log.add("gone"); });
    stream.write(std::string(5000, 'x'));
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /pulled").body.size() == 50 * 5000U);
  // And a client that goes in the middle of it.
  auto other = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  other.send_raw(request("GET /pulled"));
  BOOST_TEST(other.read_head().status == 200);
  other.reset();
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  BOOST_TEST(test::eventually([&] { return witness.use_count() == 2; })); // that of the route and ours: nothing is left
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_that_nobody_reads_does_not_stay_open) {
  std::optional<harpia::http_stream> stream;
  app.get("/twice", [&](const harpia::request&, harpia::http_reply reply) {
    reply.send(respond("first"));
    stream = reply.stream(); // too late
    stream->on_close([&] { log.add("gone"); });
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /twice").body == "first");
  log.wait_for("gone");
  BOOST_TEST(!stream->is_open());
  BOOST_TEST((stream->write("x") == harpia::send_status::closed));
}

BOOST_AUTO_TEST_CASE(a_stream_cannot_have_what_is_not_known_yet) {
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    BOOST_CHECK_THROW((void)reply.stream({.body = "x"}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.headers = {{"content-length", "1"}}}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.status = 99}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.status = 204}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({}, {.high_watermark = 1, .low_watermark = 2}), std::invalid_argument);
    reply.send(respond("refused"));
  });
  start();
  BOOST_TEST(ask("GET /stream").body == "refused");
}

BOOST_AUTO_TEST_CASE(an_event_is_written_as_browsers_read_it) {
  using harpia::to_text;
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "hello"}) == "data: hello\n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "a\nb\r\nc\rd\n"}) == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "x", .event = "price", .id = "7", .retry = 500})
             == "event: price\nid: 7\nretry: 500\ndata: x\n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{}) == ":\n\n");
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.event = "a\nb"}), std::invalid_argument);
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.id = "a\rb"}), std::invalid_argument);
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.id = {"\0", 1}}), std::invalid_argument);
}

// Layers

BOOST_AUTO_TEST_CASE(one_layer_protects_pages_and_sockets) {
  const auto check = [](auto& asked) {
    const auto session = asked.request().cookie("session");
    if (!session)
      return asked.reject(401, "who are you?");
    asked.set_attribute("user", std::string{*session});
    asked.set_header("X-Checked", "yes");
  };
  app.use("/private", {.upgrade = check, .http = check});
  app.get("/private/page", [](const harpia::request& asked) { return respond("hello " + std::string{asked.attribute("user")}); });
  app.post("/private/page", [](const harpia::request& asked) { return respond(std::string{asked.body()}); });
  app.ws<harpia::no_data>("/private/ws", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
  start();
  const auto refused = ask("GET /private/page");
  BOOST_TEST(refused.status == 401);
  BOOST_TEST(refused.body == "who are you?");
  BOOST_TEST(ask("DELETE /private/page").status == 401); // nobody learns what there is
  BOOST_TEST(ask("POST /private/page", "Expect: 100-continue\r\nContent-Length: 4\r\n").status == 401); // its body is not read
  BOOST_TEST(upgrade("/private/ws").status == 401);
  const auto known = ask("GET /private/page", "Cookie: session=Ann\r\n");
  BOOST_TEST(known.body == "hello Ann");
  BOOST_TEST(known.header("X-Checked") == "yes");
  BOOST_TEST(ask("DELETE /private/page", "Cookie: session=Ann\r\n").status == 405);
  BOOST_TEST(ask("POST /private/page", "Cookie: session=Ann\r\n", "body").body == "body");
  auto client = logged_app::connect("/private/ws", {{"Cookie", "session=Ann"}});
  BOOST_TEST(client.read_text() == "Ann");
}

BOOST_AUTO_TEST_CASE(a_layer_may_decide_later_and_answer_itself) {
  app.use("/later", {.http = [](harpia::page_request& asked) {
            std::thread{[later = asked.defer(), query = std::string{asked.request().query_string()}] {
              if (query == "reject")
                later.reject(403, "no");
              else if (query == "answer")
                later.answer({.status = 202, .body = "taken"});
              else
                later.accept({{"checked", "later"}});
            }}.detach();
          }});
  app.use("/later", {.http = [this](harpia::page_request&) { log.add("second layer"); }});
  app.post("/later", [](const harpia::request& asked) {
    return respond(std::string{asked.attribute("checked")} + " " + std::string{asked.body()});
  });
  start();
  auto client = connect();
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(ask(client, "POST /later", {}, "body").body == "later body");
  BOOST_TEST(log.count("second layer") == 5U);
  BOOST_TEST(ask("POST /later?reject", {}, "body").status == 403);
  BOOST_TEST(ask("POST /later?answer", {}, "body").body == "taken");
  BOOST_TEST(log.count("second layer") == 5U);
}

BOOST_AUTO_TEST_CASE(layers_of_mounted_routers_are_entered_from_the_outside) {
  const auto telling = [this](std::string name) {
    return harpia::middleware{.http = [this, name = std::move(name)](harpia::page_request&) { log.add(name); }};
  };
  harpia::router inner;
  inner.use(telling("inner"));
  inner.get("/page", [](const harpia::request&) { return respond("x"); });
  app.use(telling("outer"));
  app.use([telling] { return telling("made for each"); });
  app.routes("/in", inner);
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /in/page").body == "x");
  BOOST_TEST(ask(client, "GET /in/page").body == "x");
  BOOST_TEST(ask(client, "GET /hello").body == "hello"); // declared before the layers
  const test::lines once{"outer", "made for each", "inner", "outer", "made for each", "inner"};
  BOOST_TEST((log.lines() == once));
}

BOOST_AUTO_TEST_CASE(a_layer_that_throws_is_500) {
  app.use("/x", {.http = [](harpia::page_request&) { test::boom(); }});
  app.use("/y", []() -> harpia::middleware { test::boom(); });
  app.get("/x", [](const harpia::request&) { return respond("x"); });
  app.get("/y", [](const harpia::request&) { return respond("x"); });
  start();
  BOOST_TEST(ask("GET /x").status == 500);
  BOOST_TEST(ask("GET /y").status == 500);
}

// CORS

BOOST_AUTO_TEST_CASE(pages_of_chosen_origins_may_read_the_answers) {
  app.use(
      "/api",
      harpia::cors({.origins = {"https://a.example", "https://b.example"}, .exposed_headers = {"X-Own"}, .credentials = true}));
  app.get("/api/data", [](const harpia::request&) { return respond("data"); });
  start();
  const auto allowed = ask("GET /api/data", "Origin: https://a.example\r\n");
  BOOST_TEST(allowed.body == "data");
  BOOST_TEST(allowed.header("Access-Control-Allow-Origin") == "https://a.example");
  BOOST_TEST(allowed.header("Access-Control-Allow-Credentials") == "true");
  BOOST_TEST(allowed.header("Access-Control-Expose-Headers") == "X-Own");
  BOOST_TEST(allowed.header("Vary") == "Origin");
  const auto stranger = ask("GET /api/data", "Origin: https://stranger.example\r\n");
  BOOST_TEST(stranger.body == "data"); // its browser does not show it
  BOOST_TEST(stranger.header("Access-Control-Allow-Origin") == "");
  BOOST_TEST(stranger.header("Vary") == "Origin");
  BOOST_TEST(ask("DELETE /api/data", "Origin: https://a.example\r\n").header("Access-Control-Allow-Origin")
             == "https://a.example");

  const auto preflight = ask(
      "OPTIONS /api/data",
      "Origin: https://b.example\r\nAccess-Control-Request-Method: DELETE\r\nAccess-Control-Request-Headers: content-type\r\n");
  BOOST_TEST(preflight.status == 204);
  BOOST_TEST(preflight.header("Access-Control-Allow-Origin") == "https://b.example");
  BOOST_TEST(preflight.header("Access-Control-Allow-Methods") == "PUT, PATCH, DELETE");
  BOOST_TEST(preflight.header("Access-Control-Allow-Headers") == "Content-Type");
  BOOST_TEST(preflight.header("Access-Control-Max-Age") == "600");
  const auto refused = ask("OPTIONS /api/data", "Origin: https://stranger.example\r\nAccess-Control-Request-Method: DELETE\r\n");
  BOOST_TEST(refused.status == 204);
  BOOST_TEST(refused.header("Access-Control-Allow-Methods") == "");
  BOOST_TEST(ask("OPTIONS /api/data").header("Allow") == "GET, HEAD, OPTIONS");
}

BOOST_AUTO_TEST_CASE(pages_of_any_origin_may_read_what_needs_no_credentials) {
  app.use(harpia::cors());
  app.get("/data", [](const harpia::request&) { return respond("data"); });
  start();
  const auto reply = ask("GET /data", "Origin: https://anyone.example\r\n");
  BOOST_TEST(reply.header("Access-Control-Allow-Origin") == "*");
  BOOST_TEST(reply.header("Vary") == "");
  BOOST_TEST(ask("GET /data").header("Access-Control-Allow-Origin") == "");
}

BOOST_AUTO_TEST_CASE(cors_options_that_make_no_sense_are_refused) {
  const auto refused = [](const harpia::cors_options& options, std::string_view named) {
    BOOST_CHECK_EXCEPTION((void)harpia::cors(options), std::invalid_argument, [&](const auto& thrown) {
      return std::string_view{thrown.what()}.find(named) != std::string_view::npos;
    });
  };
  refused({.origins = {}}, "origins");
  refused({.origins = {"a.example"}}, "a.example");
  refused({.origins = {"https://a.example/"}}, "https://a.example/");
  refused({.origins = {"*"}, .credentials = true}, "credentials");
  refused({.methods = {"DE LETE"}}, "methods");
  refused({.headers = {"a:b"}}, "headers");
  refused({.exposed_headers = {""}}, "exposed_headers");
  refused({.max_age = std::chrono::seconds{-1}}, "max_age");
}

BOOST_AUTO_TEST_SUITE_END()
