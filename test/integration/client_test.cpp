// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_fixture.hpp"

#include "support/event_log.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;

using namespace test::clients;
using namespace std::chrono_literals;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(client, test::clients::fixture)

// Conversations

BOOST_AUTO_TEST_CASE(it_talks_to_a_server_as_a_server_talks_to_a_client) {
  auto callbacks = logging(log);
  callbacks.open = [this](auto& ws) {
    log.add("open");
    ws.send("caf\xc3\xa9");
    ws.send(message_view{std::as_bytes(std::span{"\0\xff", 2})});
    ws.ping("p");
    ws.send("ping me");
    ws.send("close me");
  };
  const auto peer = harpia::connect(*system, url(), std::move(callbacks), {.reconnect = never});
  log.wait_for("close");
  const lines expected{"open", "text: caf\xc3\xa9", "binary: \0\xff"s, "pong: p", "ping: hello?", "close 4001: as you wish"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  server_log.wait_for("close 4001: as you wish");
}

BOOST_AUTO_TEST_CASE(every_handler_is_optional) {
  const auto peer = harpia::connect<no_data>(*system, url(), {});
  server_log.wait_for("open");
  BOOST_TEST(test::eventually([&] { return peer.is_open(); }));
  BOOST_TEST((peer.send("x") == send_status::sent));
  server_log.wait_for("message: x");
}

BOOST_AUTO_TEST_CASE(other_threads_send_over_the_handle_in_order_and_before_they_close) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  constexpr int count = 1000;
  for (int i = 0; i < count; ++i)
    peer.send(std::to_string(i));
  peer.close(close_code{4002}, "done");
  BOOST_TEST((peer.send("late") == send_status::closed));
  BOOST_TEST(!peer.is_open());
  server_log.wait_for("close 4002: done");
  lines expected{"open"};
  for (int i = 0; i < count; ++i)
    expected.push_back("message: " + std::to_string(i));
  expected.push_back("close 4002: done");
  BOOST_TEST(server_log.lines() == expected, boost::test_tools::per_element());
  log.wait_for("close 4002: done");
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_reaches_the_server_and_the_handlers) {
  test::event_log asked;
  harpia::app other;
  other.ws<no_data>("/room/:name",
                    {.open =
                         [&asked](auto& ws) {
                           asked.add("room=" + std::string{ws.request().param("name")} + " q=" + *ws.request().query("q"));
                           asked.add("token=" + std::string{*ws.request().header("authorization")});
                           asked.add("host=" + std::string{*ws.request().header("host")});
                         }},
                    {.subprotocols = {"v2"}});
  other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto port = std::to_string(other.port());
  harpia::connect<no_data>(
      *system, "ws://localhost:" + port + "/room/lobby?q=1",
      {.open =
           [this](auto& ws) {
             log.add("protocol=" + std::string{ws.subprotocol()} + " path=" + std::string{ws.request().path()} + " token="
                     + std::string{*ws.request().header("authorization")} + " from=" + std::string{ws.remote_address()});
           }},
      {.headers = {{"Authorization", "Bearer 1"}}, .subprotocols = {"v1", "v2"}});
  log.wait_for("protocol=v2 path=/room/lobby token=Bearer 1 from=127.0.0.1");
  asked.wait_for("host=localhost:" + port);
  const lines expected{"room=lobby q=1", "token=Bearer 1", "host=localhost:" + port};
  BOOST_TEST(asked.lines() == expected, boost::test_tools::per_element());
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(messages_are_compressed_if_both_want_it) {
  harpia::app other;
  other.ws<no_data>("/", {.message = [](auto& ws, message_view message) { ws.send(message); }},
                    {.compression = harpia::compression::enabled});
  other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const std::string payload(100'000, 'z');
  harpia::connect<no_data>(
      *system, "ws://127.0.0.1:" + std::to_string(other.port()),
      {.open = [&payload](auto& ws) { ws.send(payload); },
       .message =
           [this, &payload](auto&, message_view message) { log.add(message.text() == payload ? "the same" : "something else"); }},
      {.route = {.compression = harpia::compression::enabled}});
  log.wait_for("the same");
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_read_is_noticed_and_its_return_is_a_drain) {
  bare_server slow;
  const auto peer = harpia::connect(*system, slow.url(), logging(log), {.reconnect = never});
  auto reader = slow.accept();
  log.wait_for("open");
  const std::string piece(100'000, 'x');
  std::size_t count = 0;
  auto status = send_status::sent;
  for (; status == send_status::sent; ++count)
    status = peer.send(piece);
  BOOST_TEST((status == send_status::buffered));
  constexpr std::size_t header = 2 + 8 + 4; // with its mask
  BOOST_TEST(reader.read_exactly(count * (header + piece.size())).size() > 0u);
  log.wait_for("drain");
  BOOST_TEST(log.count("drain") == 1u);
  BOOST_TEST((peer.send("more") == send_status::sent));
}

// Data

struct visit {
  visit() { ++made; }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() { ++destroyed; }

  int messages = 0;
  static inline std::atomic<int> made = 0;
  static inline std::atomic<int> destroyed = 0;
};

BOOST_AUTO_TEST_CASE(each_connection_has_fresh_data_that_lives_as_long_as_it_does) {
  visit::made = visit::destroyed = 0;
  const auto peer = harpia::connect<visit>(
      *system, url(),
      {.open = [](auto& ws) { ws.send("one"); },
       .message =
           [this](auto& ws, message_view) {
             log.add("message " + std::to_string(++ws.data.messages));
             ws.send(ws.data.messages == 1 ? "two" : "cut me");
           }},
      {.reconnect = soon});
  log.wait_for("message 2", 3);
  BOOST_TEST(log.count("message 1") >= 3u);
  peer.close();
  BOOST_TEST(has_ended(peer));
  BOOST_TEST(visit::made >= 3);
  BOOST_TEST(test::eventually([] { return visit::made == visit::destroyed; }));
}

// Closing

BOOST_AUTO_TEST_CASE(one_that_closed_itself_does_not_come_back) {
  for (const bool cuts : {false, true}) {
    test::event_log its;
    auto callbacks = logging(its);
    callbacks.message = [cuts](auto& ws, message_view) { cuts ? ws.terminate() : ws.close(close_code{4003}, "enough"); };
    const auto peer = harpia::connect(*system, url(), std::move(callbacks), {.reconnect = soon});
    its.wait_for("open");
    peer.send("go");
    its.wait_for(cuts ? "close 1006: " : "close 4003: enough");
    BOOST_TEST(has_ended(peer));
    BOOST_TEST(its.count("open") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(closing_ends_it_also_while_there_is_no_connection) {
  const auto waiting = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log, {.initial = 1min, .max = 1min}));
  log.wait_for("failure");
  const harpia::net::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  const auto opening = harpia::connect(*system, "ws://" + silent.address(), logging(log), failing_into(log));
  const auto fresh = harpia::connect(*system, url(), logging(log));
  for (const auto& each : {waiting, opening, fresh}) {
    each.close();
    each.close(); // once is enough
    BOOST_TEST(has_ended(each));
  }
  BOOST_TEST(log.count("failure") == 1u);
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_close_that_must_not_be_sent_is_refused) {
  const auto peer = harpia::connect(*system, url(), logging(log));
  BOOST_CHECK_THROW(peer.close(close_code::no_status), std::invalid_argument);
  BOOST_CHECK_THROW(peer.close(close_code::normal, std::string(124, 'x')), std::invalid_argument);
  log.wait_for("open");
}

BOOST_AUTO_TEST_CASE(a_handle_of_no_client_is_closed) {
  const harpia::client none;
  BOOST_TEST((none.send("x") == send_status::closed));
  BOOST_TEST(!none.is_open());
  none.close();
  BOOST_TEST(!as_actor(none));
}

BOOST_AUTO_TEST_SUITE_END()
