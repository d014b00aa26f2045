// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;
using test::boom;
using test::logging;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct deferring : test::logged_app {
  struct named {
    std::string name;
  };
  using later = harpia::deferred_upgrade<named>;

  deferring() {
    app.ws<named>("/", {
                           .upgrade =
                               [this](auto& request) {
                                 ++upgrades;
                                 given.set_value(request.defer());
                               },
                           .open = [this](auto& ws) { log.add("open " + ws.data.name); },
                           .message = [](auto& ws, message_view message) { ws.send(message); },
                       });
  }

  std::atomic<int> upgrades = 0;
  std::promise<later> given;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(upgrade_handlers, test::logged_app)

// Before they are connections

BOOST_AUTO_TEST_CASE(upgrade_may_reject_with_a_status_and_fields) {
  auto callbacks = logging(log);
  callbacks.upgrade = [](auto& request) {
    if (request.request().query("token") == "secret")
      return;
    request.set_header("WWW-Authenticate", "Bearer");
    request.reject(401, "who are you?");
  };
  app.ws("/", std::move(callbacks));
  start();
  const auto reply = upgrade("/");
  BOOST_TEST(reply.status == 401);
  BOOST_TEST(reply.body == "who are you?");
  BOOST_TEST(reply.header("WWW-Authenticate") == "Bearer");
  BOOST_TEST(log.lines().empty());
  auto client = connect("/?token=secret");
  log.wait_for("open");
}

BOOST_AUTO_TEST_CASE(upgrade_may_add_fields_fill_the_data_and_read_the_request) {
  struct named {
    std::string name;
  };
  app.ws<named>(
      "/users/:name",
      {
          .upgrade =
              [](auto& request) {
                request.data.name = std::string{request.request().param("name")} + "@" + std::string{request.remote_address()};
                request.set_header("X-Own", "1");
                request.set_header("Set-Cookie", "a=b");
              },
          .open = [](auto& ws) { ws.send(ws.data.name); },
      });
  start();
  auto client = test::raw_client::tcp(app.port());
  const auto reply = client.upgrade("/users/Ann");
  BOOST_REQUIRE(reply.status == 101);
  BOOST_TEST(reply.header("X-Own") == "1");
  BOOST_TEST(reply.header("Set-Cookie") == "a=b");
  BOOST_TEST(client.read_text() == "Ann@127.0.0.1");
}

BOOST_AUTO_TEST_CASE(upgrade_cannot_break_the_handshake) {
  app.ws<no_data>("/", {.upgrade = [this](auto& request) {
                    const auto refused = [&](auto call) {
                      try {
                        call();
                      } catch (const std::invalid_argument&) {
                        log.add("refused");
                      }
                    };
                    refused([&] { request.set_header("sec-websocket-accept", "x"); });
                    refused([&] { request.set_header("Connection", "close"); });
                    refused([&] { request.set_header("A", "b\r\nC: d"); });
                    refused([&] { request.set_header("A b", "c"); });
                    refused([&] { request.set_header("", "c"); });
                    refused([&] { request.subprotocol("not offered"); });
                    refused([&] { request.reject(200); });
                    refused([&] { request.reject(101); });
                    refused([&] { request.reject(600); });
                  }});
  start();
  auto client = connect("/");
  BOOST_TEST(log.count("refused") == 9u);
}

BOOST_AUTO_TEST_CASE(a_subprotocol_that_both_speak_is_chosen) {
  app.ws<no_data>("/", {.open = [](auto& ws) { ws.send(ws.subprotocol()); }}, {.subprotocols = {"v2", "v1"}});
  app.ws<no_data>("/chosen",
                  {
                      .upgrade = [](auto& request) { request.subprotocol("v1"); },
                      .open = [](auto& ws) { ws.send(ws.subprotocol()); },
                  },
                  {.subprotocols = {"v2", "v1"}});
  start();
  const auto check = [&](std::string_view path, const test::header_list& offer, std::string_view chosen) {
    auto client = test::raw_client::tcp(app.port());
    const auto reply = client.upgrade(path, offer);
    BOOST_REQUIRE(reply.status == 101);
    BOOST_TEST(reply.header("Sec-WebSocket-Protocol") == chosen);
    BOOST_TEST(client.read_text() == chosen);
  };
  check("/", {{"Sec-WebSocket-Protocol", "v1, v2"}}, "v2");
  check("/", {{"Sec-WebSocket-Protocol", "v0"}, {"Sec-WebSocket-Protocol", "v1"}}, "v1");
  check("/", {{"Sec-WebSocket-Protocol", "v0"}}, "");
  check("/", {}, "");
  check("/chosen", {{"Sec-WebSocket-Protocol", "v1, v2"}}, "v1");
}

// Answered later

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_be_accepted_by_another_thread, deferring) {
  start();
  std::jthread other{[this] {
    const auto answer = given.get_future().get();
    answer.accept([](named& data) { data.name = "Ann"; });
    answer.accept([](named& data) { data.name = "ignored"; });
    answer.reject(403);
  }};
  auto client = test::raw_client::tcp(app.port());
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                  + test::encode_frame({.payload = "early"}));
  BOOST_REQUIRE(client.read_reply().status == 101);
  log.wait_for("open Ann");
  BOOST_TEST(client.read_text() == "early");
}

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_be_rejected_by_another_thread, deferring) {
  start();
  std::jthread other{[this] { given.get_future().get().reject(403, "no"); }};
  const auto reply = upgrade("/");
  BOOST_TEST(reply.status == 403);
  BOOST_TEST(reply.body == "no");
  BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(a_forgotten_upgrade_is_500, deferring) {
  start();
  std::jthread other{[this] { (void)given.get_future().get(); }};
  BOOST_TEST(upgrade("/").status == 500);
}

BOOST_FIXTURE_TEST_CASE(an_upgrade_that_takes_too_long_is_504_and_its_answer_counts_no_more, deferring) {
  start();
  auto answer = given.get_future();
  BOOST_TEST(upgrade("/").status == 504);
  answer.get().accept([this](named&) { log.add("prepared"); });
  app.stop();
  app.wait();
  BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_throw_when_it_is_prepared, deferring) {
  start();
  std::jthread other{[this] { given.get_future().get().accept([](named&) { boom(); }); }};
  BOOST_TEST(upgrade("/").status == 500);
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_outlive_the_app, deferring) {
  std::optional<harpia::app> own{std::in_place, harpia::app_options{.stop_timeout = 300ms}};
  std::promise<later> kept;
  own->ws<named>("/", {.upgrade = [&](auto& request) { kept.set_value(request.defer()); }});
  own->start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(own->port());
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const auto answer = kept.get_future().get();
  own.reset();
  answer.accept();
  BOOST_TEST(client.at_eof());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_goes_while_its_upgrade_is_deferred_is_asked_about_once, deferring) {
  const test::temporary_folder folder;
  app.start({.unix = folder.file("s"), .threads = 1}); // where a hang-up is told whether it was asked for or not
  auto client = test::raw_client::unix_socket(folder.file("s"));
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const auto answer = given.get_future().get();
  client.send_text("unread");
  client.close();
  auto other = test::raw_client::unix_socket(folder.file("s"));
  BOOST_TEST(other.get("/").status == 426); // the loop has heard of the hang-up by now
  BOOST_TEST(upgrades == 1);
  answer.accept();
  BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_was_moved_from_answers_nothing, deferring) {
  start();
  std::jthread other{[this] {
    auto first = given.get_future().get();
    const auto second = std::move(first);
    first.reject(403); // NOLINT(bugprone-use-after-move): it is what this test is about
    first.accept([](named& data) { data.name = "nobody"; });
    second.accept([](named& data) { data.name = "Ann"; });
  }};
  auto client = connect("/");
  log.wait_for("open Ann");
}

BOOST_AUTO_TEST_SUITE_END()
