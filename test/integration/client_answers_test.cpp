// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_fixture.hpp"

#include "support/slow_names.hpp"
#include "support/tls_bridge.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What servers answer to opening handshakes, and what clients make of it.

using namespace harpia::test::clients;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;

/// A server that refuses, redirects and accepts, and a log of who asked for what.
struct answering {
  answering() {
    app.use({.upgrade = [this](auto& asked) {
      const auto& request = asked.request();
      log.add(std::string{request.target()} + " " + std::string{request.header("Authorization").value_or("-")} + " "
              + std::string{request.header("Cookie").value_or("-")} + " " + std::string{request.header("X-Own").value_or("-")});
    }});
    app.ws<no_data>("/welcome", {.open = [](auto& ws) { ws.send("welcome"); }});
    app.ws<no_data>("/forbidden", {.upgrade = [](auto& asked) {
                      asked.set_header("X-Reason", "taste");
                      asked.reject(403, "not you");
                    }});
    app.ws<no_data>("/busy", {.upgrade = [](auto& asked) {
                      asked.set_header("Retry-After", "1");
                      asked.reject(503, "later");
                    }});
    app.ws<no_data>("/to/*", {.upgrade = [](auto& asked) {
                      asked.set_header("Location", asked.request().query("where").value_or(""));
                      asked.reject(307);
                    }});
  }

  void start(harpia::tls_options tls = {}) {
    app.start({.port = 0, .hostname = "127.0.0.1", .tls = std::move(tls), .threads = 1});
  }
  [[nodiscard]] std::string url(std::string_view path, std::string_view scheme = "ws") const {
    return std::string{scheme} + "://127.0.0.1:" + std::to_string(app.port()) + std::string{path};
  }

  harpia::test::event_log log;
  harpia::app app;
};

struct answers_fixture {
  answers_fixture() { server.start(); }

  harpia::client connect(const std::string& url, harpia::client_options options) {
    options.on_failure = [this](const harpia::error& why) {
      log.add("failure: " + why.what());
      if (const auto* answer = why.response())
        for (const auto& [name, value] : answer->headers)
          log.add(name + ": " + value);
      if (why.response())
        log.add("body: " + why.response()->body);
    };
    return harpia::connect<no_data>(
        *system, url, {.message = [this](auto&, harpia::message_view message) { log.add(std::string{message.text()}); }},
        std::move(options));
  }

  harpia::test::event_log log; // of the clients
  answering server;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system{std::in_place, config};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_answers, answers_fixture)

// Refusals

BOOST_AUTO_TEST_CASE(a_refusal_is_told_with_its_status_its_fields_and_its_body) {
  connect(server.url("/forbidden"), {.reconnect = never});
  log.wait_for("failure: the server refused the WebSocket: 403 Forbidden");
  log.wait_for("X-Reason: taste");
  log.wait_for("body: not you");
}

BOOST_AUTO_TEST_CASE(a_body_of_any_framing_is_read_as_far_as_it_comes) {
  bare_server bare;
  std::size_t told = 0;
  const auto refused_with = [&](std::string_view rest, std::string_view body) {
    connect(bare.url(), {.reconnect = never, .connect_timeout = 300ms});
    auto peer = bare.accept_raw();
    (void)peer.read_until("\r\n\r\n");
    peer.send_raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 Service Unavailable\r\n" + std::string{rest});
    peer.shutdown_write();
    log.wait_for("body: ", ++told);
    BOOST_TEST(log.lines().back() == "body: " + std::string{body});
  };
  refused_with("Content-Length: 5\r\n\r\nexact", "exact");
  refused_with("Transfer-Encoding: chunked\r\n\r\n4\r\nchun\r\n3\r\nked\r\n0\r\n\r\n", "chunked");
  refused_with("\r\nto the end", "to the end");
  refused_with("Content-Length: 500\r\n\r\na part", "a part");
  refused_with("Content-Length: 0\r\n\r\n", "");
}

BOOST_AUTO_TEST_CASE(a_body_that_does_not_end_is_not_waited_for_for_ever) {
  bare_server bare;
  connect(bare.url(), {.reconnect = never, .connect_timeout = 300ms});
  auto peer = bare.accept_raw();
  (void)peer.read_until("\r\n\r\n");
  peer.send_raw("HTTP/1.1 403 Forbidden\r\n\r\nendless");
  log.wait_for("failure: the server refused the WebSocket: 403 Forbidden");
  log.wait_for("body: endless");
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_cut) {
  bare_server bare;
  connect(bare.url(), {.reconnect = never});
  auto peer = bare.accept_raw();
  (void)peer.read_until("\r\n\r\n");
  peer.send_raw("HTTP/1.1 403 Forbidden\r\n\r\n" + std::string(200'000, 'x'));
  log.wait_for("body: ");
  BOOST_TEST(log.lines().back().size() <= (std::size_t{64} << 10) + 6);
}

BOOST_AUTO_TEST_CASE(a_server_is_left_alone_for_as_long_as_it_says) {
  const auto before = std::chrono::steady_clock::now();
  const auto peer = connect(server.url("/busy"), {.reconnect = soon});
  server.log.wait_for("/busy", 3);
  BOOST_TEST((std::chrono::steady_clock::now() - before >= 2s));
  peer.close();
}

// Header fields

BOOST_AUTO_TEST_CASE(fields_may_be_made_anew_for_each_attempt) {
  const auto peer = connect(server.url("/forbidden"), {.reconnect = soon, .headers = [count = 0]() mutable {
                                                         return harpia::header_list{{"X-Own", std::to_string(++count)}};
                                                       }});
  server.log.wait_for("/forbidden - - 3");
  peer.close();
  BOOST_TEST(server.log.count("/forbidden - - 1") == 1U);
  BOOST_TEST(server.log.count("/forbidden - - 2") == 1U);
}

BOOST_AUTO_TEST_CASE(fields_may_be_made_later_on_another_thread) {
  connect(server.url("/welcome"), {.reconnect = never, .headers = [](std::function<void(harpia::header_list)> go_on) {
                                     std::thread{[go_on = std::move(go_on)] {
                                       go_on({{"Authorization", "Bearer 7"}});
                                       go_on({{"Authorization", "too late"}});
                                     }}.detach();
                                   }});
  log.wait_for("welcome");
  BOOST_TEST(server.log.count("/welcome Bearer 7") == 1U);
}

BOOST_AUTO_TEST_CASE(fields_that_cannot_be_made_or_sent_are_a_failure) {
  connect(server.url("/welcome"),
          {.reconnect = never, .headers = []() -> harpia::header_list { throw std::runtime_error{"no token"}; }});
  log.wait_for("failure: the handler 'headers'");
  BOOST_TEST(log.lines().back().find("no token") != std::string::npos);
  connect(server.url("/welcome"), {.reconnect = never, .headers = [] { return harpia::header_list{{"Host", "x"}}; }});
  log.wait_for("failure: ", 2);
  BOOST_TEST(log.lines().back().find("'Host'") != std::string::npos);
  std::function<void(harpia::header_list)> kept;
  connect(server.url("/welcome"),
          {.reconnect = never, .connect_timeout = 100ms, .headers = [&](std::function<void(harpia::header_list)> go_on) {
             kept = std::move(go_on);
           }});
  log.wait_for("failure: ", 3);
  BOOST_TEST(log.lines().back().find("in time") != std::string::npos);
  system.reset();
  kept({{"X-Own", "too late"}}); // and harms nobody
  BOOST_TEST(server.log.lines().empty());
}

// Redirections

BOOST_AUTO_TEST_CASE(a_redirection_is_followed_where_that_is_wanted) {
  connect(server.url("/to/x?where=/welcome"), {.reconnect = never});
  log.wait_for("failure: the server refused the WebSocket: 307 Temporary Redirect");
  for (const std::string where : {"/welcome", "../welcome", "/a/./../welcome"}) {
    const auto before = log.count("welcome");
    connect(server.url("/to/x?where=" + where), {.reconnect = never, .follow_redirects = true});
    log.wait_for("welcome", before + 1);
  }
}

BOOST_AUTO_TEST_CASE(credentials_do_not_go_to_another_server) {
  answering other;
  other.start();
  const harpia::client_options options{.reconnect = never,
                                       .headers = {{"Authorization", "secret"}, {"Cookie", "a=b"}, {"X-Own", "mine"}},
                                       .follow_redirects = true};
  connect(server.url("/to/x?where=" + other.url("/welcome", "http")), options);
  log.wait_for("welcome");
  BOOST_TEST(other.log.count("/welcome - - mine") == 1U);
  connect(server.url("/to/x?where=/welcome"), options);
  log.wait_for("welcome", 2);
  BOOST_TEST(server.log.count("/welcome secret a=b mine") == 1U);
}

BOOST_AUTO_TEST_CASE(redirections_in_a_circle_end) {
  connect(server.url("/to/x?where=/to/x"), {.reconnect = never, .follow_redirects = true});
  log.wait_for("failure: ");
  BOOST_TEST(server.log.count("/to/x") == 2U); // the second one names no place
  for (const auto* where : {"", "ftp://x/", "ws://u@x/", ":"}) {
    const auto before = log.count("failure: ");
    connect(server.url("/to/y?where=" + std::string{where}), {.reconnect = never, .follow_redirects = true});
    log.wait_for("failure: ", before + 1);
  }
  bare_server bare;
  connect(bare.url(), {.reconnect = never, .follow_redirects = true});
  for (int i = 0; i < 6; ++i) {
    auto peer = bare.accept_raw();
    (void)peer.read_until("\r\n\r\n");
    peer.send_raw("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    BOOST_TEST(peer.at_eof());
  }
  log.wait_for("Location: /again");
}

BOOST_AUTO_TEST_CASE(no_redirection_leads_to_less_security) {
  answering secure;
  secure.start({.cert = harpia::test::certificate("server.pem"), .key = harpia::test::certificate("server.key")});
  const harpia::client_options options{
      .reconnect = never, .follow_redirects = true, .tls = {.ca = harpia::test::certificate("ca.pem")}};
  connect("wss://localhost:" + std::to_string(secure.app.port()) + "/to/x?where=" + server.url("/welcome"), options);
  log.wait_for("failure: the server refused the WebSocket: 307 Temporary Redirect");
  BOOST_TEST(server.log.lines().empty());
  connect("wss://localhost.:" + std::to_string(secure.app.port()) + "/welcome", options); // and the final dot is none of the name
  log.wait_for("welcome");
}

// Names

BOOST_AUTO_TEST_CASE(nobody_waits_for_the_resolver_at_the_end) {
  const harpia::test::slow_names slow;
  const auto peer = connect("ws://one.slow.test", {.reconnect = never});
  BOOST_REQUIRE(harpia::test::eventually([&] { return slow.asking() == 1; }));
  peer.close();
  BOOST_TEST(has_ended(peer));
  harpia::app host;
  host.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto hosted = harpia::connect<no_data>(host, "ws://two.slow.test", {});
  BOOST_REQUIRE(harpia::test::eventually([&] { return slow.asking() == 2; }));
  host.stop();
  host.wait();
  connect("ws://three.slow.test", {.reconnect = never});
  BOOST_REQUIRE(harpia::test::eventually([&] { return slow.asking() == 3; }));
  system.reset();
}

BOOST_AUTO_TEST_CASE(many_clients_of_one_name_ask_once_and_many_names_few_at_a_time) {
  std::atomic<int> opened = 0;
  std::vector<harpia::client> peers;
  const auto add = [&](const std::string& name) {
    peers.push_back(harpia::connect<no_data>(
        *system, "ws://" + name + ":" + std::to_string(server.app.port()) + "/welcome", {.open = [&](auto&) { ++opened; }}));
  };
  {
    const harpia::test::slow_names slow;
    for (int i = 0; i < 100; ++i)
      add("same.slow.test");
    for (int i = 0; i < 50; ++i)
      add("name" + std::to_string(i) + ".slow.test");
    BOOST_REQUIRE(harpia::test::eventually([&] { return slow.asking() == 8; }));
    BOOST_TEST(slow.asked() == 8);
  }
  BOOST_TEST(harpia::test::eventually([&] { return opened == 150; }));
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_SUITE_END()
