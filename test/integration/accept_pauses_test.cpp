// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "served.hpp"

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::no_data;
using test::check_echo;
using test::check_refused_for_now;
using test::end;
using test::end_with;
using test::served;

using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(accept_pauses)

// Connections in all

BOOST_AUTO_TEST_CASE(one_connection_too_many_gets_503_before_any_handler_is_asked) {
  served one{{.max_connections = 2}};
  one.start();
  auto first = one.open();
  auto second = one.open();
  auto third = one.socket();
  const auto reply = third.upgrade("/echo");
  check_refused_for_now(std::move(third), reply, 503);
  BOOST_TEST(one.log.count("asked") == 2u);
  const auto now = one.app.statistics();
  BOOST_TEST(now.refused_full == 1u);
  BOOST_TEST(now.connections == 2u);
  check_echo(first);
  check_echo(second);
}

BOOST_AUTO_TEST_CASE(a_full_server_still_answers_pages) {
  served one{{.max_connections = 1}};
  one.start();
  auto only = one.open();
  BOOST_TEST(one.socket().get("/page").body == "a page");
  BOOST_TEST(one.socket().upgrade("/nowhere").status == 404);
  BOOST_TEST(one.app.statistics().refused_full == 0u);
  check_echo(only);
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_the_client_sees_the_end) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}, 2};
  one.start();
  for (int i = 0; i < 50; ++i) {
    auto client = one.open();
    end(client);
  }
  for (const auto* how : {"terminate", "throw"}) {
    auto client = one.open();
    client.send_text(how);
    if (how == "throw"s)
      end_with(client, 1011);
    else
      BOOST_TEST(client.at_eof());
  }
  auto last = one.open();
  check_echo(last);
  BOOST_TEST(one.app.statistics().refused_full == 0u);
  BOOST_TEST(one.app.statistics().refused_address == 0u);
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_the_client_has_vanished) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}, 2};
  one.start();
  for (std::size_t i = 1; i <= 20; ++i) {
    auto client = one.open();
    client.reset();
    one.log.wait_for("closed", i);
  }
  auto last = one.open();
  check_echo(last);
}

BOOST_AUTO_TEST_CASE(an_actor_that_somebody_keeps_keeps_no_place) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}};
  one.start();
  auto client = one.open();
  client.send_text("keep");
  BOOST_TEST(client.read_text() == "keep");
  const auto kept = one.kept.get_future().get();
  end(client);
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(an_upgrade_has_its_place_while_it_is_decided_on_and_gives_it_back_if_it_is_rejected) {
  served one{{.max_connections = 1}};
  std::promise<harpia::deferred_upgrade<no_data>> asked;
  one.app.ws<no_data>("/later", {.upgrade = [&](auto& request) { asked.set_value(request.defer()); }});
  one.app.ws<no_data>("/never", {.upgrade = [](auto& request) { request.reject(401); }});
  one.start();
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(one.socket().upgrade("/never").status == 401);
  auto waiting = one.socket();
  auto answer = std::async(std::launch::async, [&] { return waiting.upgrade("/later").status; });
  const auto later = asked.get_future().get();
  BOOST_TEST(one.socket().upgrade("/echo").status == 503);
  later.reject(403);
  BOOST_TEST(answer.get() == 403);
  auto next = one.open();
  check_echo(next);
  BOOST_TEST(one.app.statistics().refused_full == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_while_its_upgrade_is_decided_on_gives_its_place_back) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}};
  test::event_log asked;
  std::vector<harpia::deferred_upgrade<no_data>> kept;
  one.app.ws<no_data>("/later", {.upgrade = [&](auto& request) {
                        kept.push_back(request.defer());
                        asked.add("asked");
                      }});
  one.start();
  auto waiting = one.socket();
  waiting.send_raw("GET /later HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  asked.wait_for("asked");
  waiting.reset();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 0; }));
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(exactly_as_many_connections_are_let_in_as_there_may_be_on_any_number_of_loops) {
  constexpr std::size_t limit = 7;
  constexpr std::size_t each_thread = 10;
  served one{{.max_connections = limit}, 4};
  one.start();
  std::vector<std::future<std::vector<std::pair<int, test::raw_client>>>> threads;
  for (int i = 0; i < 4; ++i)
    threads.push_back(std::async(std::launch::async, [&one] {
      std::vector<std::pair<int, test::raw_client>> clients;
      for (std::size_t k = 0; k < each_thread; ++k) {
        auto client = one.socket();
        const auto status = client.upgrade("/echo").status;
        clients.emplace_back(status, std::move(client));
      }
      return clients;
    }));
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::vector<test::raw_client> open;
  for (auto& each : threads)
    for (auto& [status, client] : each.get()) {
      accepted += status == 101;
      refused += status == 503;
      if (status == 101)
        open.push_back(std::move(client));
    }
  BOOST_TEST(accepted == limit);
  BOOST_TEST(refused == 4 * each_thread - limit);
  BOOST_TEST(one.app.statistics().refused_full == refused);
  for (auto& client : open)
    check_echo(client);
  for (auto& client : open)
    end(client);
  open.clear();
  for (std::size_t i = 0; i < limit; ++i)
    open.push_back(one.open());
  BOOST_TEST(one.socket().upgrade("/echo").status == 503);
}

// Handshakes

BOOST_AUTO_TEST_CASE(refused_handshakes_are_counted) {
  served one{{.max_handshakes = 1}};
  one.start();
  auto silent = one.socket();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  auto second = one.socket();
  const auto reply = second.read_reply();
  check_refused_for_now(std::move(second), reply, 503);
  BOOST_TEST(one.app.statistics().refused_handshakes == 1u);
  BOOST_TEST(silent.upgrade("/echo").status == 101);
}

BOOST_AUTO_TEST_CASE(sockets_that_wait_for_a_busy_loop_count) {
  std::promise<void> over;
  test::event_log log;
  harpia::app app;
  app.ws<no_data>("/wait", {.message = [&, over = over.get_future().share()](auto&, harpia::message_view) {
                    log.add("busy");
                    over.wait();
                  }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  std::vector<test::raw_client> both; // one on each loop, the first on the one that accepts
  for (int i = 0; i < 2; ++i)
    BOOST_REQUIRE(both.emplace_back(test::raw_client::tcp(app.port())).upgrade("/wait").status == 101);
  both.back().send_text("be busy");
  BOOST_TEST(test::eventually([&] { return log.count("busy") == 1; }));
  std::vector<test::raw_client> waiting;
  for (int i = 0; i < 4; ++i)
    waiting.push_back(test::raw_client::tcp(app.port()));
  BOOST_TEST(test::eventually([&] { return app.statistics().handshakes == 4; }));
  over.set_value();
  for (auto& each : waiting)
    BOOST_TEST(each.upgrade("/wait").status == 101);
}

// Statistics

BOOST_AUTO_TEST_CASE(an_app_without_limits_refuses_nobody_and_says_so) {
  served one{{}};
  const auto before = one.app.statistics();
  BOOST_TEST(before.connections + before.handshakes == 0u);
  one.start();
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(one.open());
  const auto now = one.app.statistics();
  BOOST_TEST(now.connections == 20u);
  BOOST_TEST(now.refused_origins + now.refused_full + now.refused_address + now.refused_handshakes == 0u);
  for (auto& client : clients)
    end(client);
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().connections == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()
