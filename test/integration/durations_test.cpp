// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_fixture.hpp"

#include "support/acting.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actor_middleware.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

// Durations of any length are valid: the longest mean never.

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;

constexpr auto for_ever = std::chrono::milliseconds::max();
constexpr std::chrono::milliseconds centuries = std::chrono::hours{24} * 365 * 300;

struct served {
  explicit served(harpia::app_options options = {}) : app{std::move(options)} {
    app.ws<no_data>("/", {.message = [this](auto& ws, message_view message) { answer(ws, message); }},
                    {.calls = harpia::calls::enabled});
    app.ws<no_data>("/deferred", {.upgrade = [this](auto& request) { deferred.set_value(request.defer()); }});
  }

  template <class Socket>
  void answer(Socket& ws, message_view message) {
    if (message.text() == "let time pass")
      ws.call("nobody answers", 300ms).then([](message_view) {}, [&ws](const harpia::call_error&) { ws.send("it has passed"); });
    else if (message.text() == "call me")
      ws.call("question", wait)
          .then([this](message_view reply) { log.add("reply " + std::string{reply.text()}); },
                [this](const harpia::call_error& error) { log.add(std::string{to_string(error.why)}); });
    else
      ws.send(message);
  }

  [[nodiscard]] test::raw_client connect() {
    if (app.port() == 0)
      app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade("/").status == 101);
    return client;
  }

  std::chrono::milliseconds wait = for_ever;
  std::promise<harpia::deferred_upgrade<no_data>> deferred;
  test::event_log log; // outlives the app, whose handlers write to it
  harpia::app app;
};

void check_echo(test::raw_client& client) {
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

/// Returns after some ticks of the loop's timers.
void let_time_pass(test::raw_client& client) {
  client.send_text("let time pass");
  BOOST_TEST(client.read_text().ends_with("nobody answers"));
  BOOST_TEST(client.read_text() == "it has passed");
}

} // namespace

BOOST_AUTO_TEST_SUITE(durations)

BOOST_AUTO_TEST_CASE(an_app_takes_options_of_any_length) {
  for (const auto longest : {for_ever, centuries}) {
    served one{{.handshake_timeout = longest, .stop_spread = 0ms, .stop_timeout = longest, .slow_handler = longest}};
    auto client = one.connect();
    auto slow = test::raw_client::tcp(one.app.port());
    let_time_pass(client);
    BOOST_TEST(slow.upgrade("/").status == 101);
    one.app.stop();
    for (auto* each : {&client, &slow}) {
      BOOST_TEST(each->read_close().first == 1001);
      each->send_close(1001);
      BOOST_TEST(each->at_eof());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stop_that_is_spread_for_ever_closes_nobody) {
  for (const auto longest : {for_ever, centuries}) {
    served one{{.stop_spread = longest, .stop_timeout = longest}};
    auto client = one.connect();
    one.app.stop();
    let_time_pass(client);
    client.send_close(1000);
    BOOST_TEST(client.read_close().first == 1000);
    BOOST_TEST(client.at_eof());
  }
}

BOOST_AUTO_TEST_CASE(an_app_takes_options_of_a_millisecond_and_those_of_0_that_mean_something) {
  served one{{.handshake_timeout = 1ms, .stop_spread = 1ms, .stop_timeout = 1ms, .slow_handler = 1ms}};
  one.app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto silent = test::raw_client::tcp(one.app.port());
  BOOST_TEST(silent.read_reply().status == 408);
  served other{{.stop_spread = 0ms, .slow_handler = 0ms}};
  auto client = other.connect();
  check_echo(client);
  BOOST_CHECK_THROW(harpia::app({.handshake_timeout = 0ms}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app({.stop_timeout = 0ms}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app({.stop_spread = -1ms}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app({.slow_handler = -1ms}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_call_waits_for_its_reply_as_long_as_it_says) {
  for (const auto longest : {for_ever, centuries}) {
    served one;
    one.wait = longest;
    auto client = one.connect();
    client.send_text("call me");
    BOOST_TEST(client.read_text() == "call 1\nquestion");
    let_time_pass(client);
    BOOST_TEST(one.log.lines().empty());
    client.send_text("reply 1\nyes");
    one.log.wait_for("reply yes");
  }
}

BOOST_AUTO_TEST_CASE(a_client_takes_options_of_any_length) {
  for (const auto longest : {for_ever, centuries}) {
    test::event_log log;
    served one;
    auto first = one.connect();
    const auto peer = harpia::connect(
        one.app, "ws://" + one.app.address() + "/deferred", test::clients::logging(log),
        {.reconnect = {.initial = longest, .factor = 1e300, .max = longest},
         .connect_timeout = longest,
         .on_failure = [&](const harpia::error& why) { log.add("failure: " + why.what()); }});
    const auto deferred = one.deferred.get_future().get();
    let_time_pass(first);
    deferred.accept();
    log.wait_for("");
    BOOST_TEST(log.lines().front() == "open");
    peer.close();
    BOOST_TEST(test::clients::has_ended(peer));
  }
}

BOOST_AUTO_TEST_CASE(an_actor_has_any_time_to_decide) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto guard = test::spawn(system, [](caf::event_based_actor*) -> caf::behavior {
    return {[](const harpia::upgrade_question&) -> harpia::upgrade_verdict { return {}; },
            [](const harpia::event::text& message) -> harpia::filtered { return {message.str() + " filtered"}; }};
  });
  harpia::app app{system};
  app.use(harpia::ask_about_upgrades(guard, for_ever));
  app.use(harpia::filter_messages(guard, centuries));
  app.ws("/", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello filtered");
}

BOOST_AUTO_TEST_SUITE_END()
