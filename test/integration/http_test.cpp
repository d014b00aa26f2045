// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http_fixture.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::test::respond;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(http, test::http_fixture)

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
  test::one_page brief{{.keep_alive_timeout = 50ms}};
  auto client = brief.connect();
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_connection_gets_as_many_pages_as_are_allowed) {
  test::one_page brief{{.keep_alive_requests = 3}};
  auto client = brief.connect();
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(ask(client, "GET /").header("Connection") == "");
  BOOST_TEST(ask(client, "GET /").header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(no_connection_is_kept_if_none_is_to_be) {
  test::one_page brief{{.keep_alive_timeout = 0ms}};
  auto client = brief.connect();
  BOOST_TEST(ask(client, "GET /").header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(idle_connections_take_no_more_than_half_of_the_handshakes) {
  test::one_page small{{.max_handshakes = 4}};
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(small.connect());
    const auto reply = ask(clients.back(), "GET /");
    BOOST_TEST(reply.body == "x");
    BOOST_TEST(reply.header("Connection") == (i < 2 ? "" : "close"));
  }
}

BOOST_AUTO_TEST_CASE(an_idle_connection_takes_no_slot_of_its_address) {
  test::one_page small{{.max_connections_per_address = 1}};
  small.app.ws<harpia::no_data>("/ws", {});
  auto client = small.connect();
  BOOST_TEST(ask(client, "GET /").body == "x");
  auto other = small.connect();
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

BOOST_AUTO_TEST_SUITE_END()
