// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_fixture.hpp"

#include "support/event_log.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::client_options;
using harpia::errc;
using harpia::send_status;

using namespace test::clients;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(client_reconnects, test::clients::fixture)

// Connecting again

BOOST_AUTO_TEST_CASE(it_connects_again_after_the_server_cut_it) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  peer.send("cut me");
  log.wait_for("open", 2);
  const lines expected{"open", "error: the peer vanished without a close frame", "close 1006: ", "open"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(test::eventually([&] { return peer.send("again") == send_status::sent; }));
  log.wait_for("text: again");
}

BOOST_AUTO_TEST_CASE(it_connects_again_after_the_server_closed_it_whatever_the_code) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  peer.send("close me");
  log.wait_for("close 4001: as you wish");
  log.wait_for("open", 2);
}

BOOST_AUTO_TEST_CASE(it_finds_a_server_that_was_restarted_and_sends_nothing_meanwhile) {
  const auto port = server->port();
  const auto peer = harpia::connect(*system, url(), logging(log), failing_into(log));
  log.wait_for("open");
  server.reset();
  log.wait_for("close 1001");
  log.wait_for("failure: ws://127.0.0.1:" + std::to_string(port) + "/ cannot be reached: Connection refused", 2);
  BOOST_TEST(!peer.is_open());
  BOOST_TEST((peer.send("into the void") == send_status::closed));
  server = make_server(server_log, port);
  log.wait_for("open", 2);
  BOOST_TEST(test::eventually([&] { return peer.send("here again") == send_status::sent; }));
  log.wait_for("text: here again");
  BOOST_TEST(server_log.count("message: into the void") == 0u);
}

BOOST_AUTO_TEST_CASE(it_connects_again_after_a_handler_threw) {
  std::atomic<int> opened = 0;
  auto callbacks = logging(log);
  callbacks.open = [&](auto&) {
    log.add("open");
    if (++opened == 1)
      throw std::runtime_error{"boom"};
  };
  harpia::connect(*system, url(), std::move(callbacks), {.reconnect = soon});
  log.wait_for("open", 2);
  BOOST_TEST(log.count("error: the handler 'open' of route '" + url() + "' threw: boom") == 1u);
  server_log.wait_for("close 1011: ");
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(one_that_is_never_to_connect_again_ends_with_its_connection) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = never});
  log.wait_for("open");
  peer.send("cut me");
  log.wait_for("close 1006");
  BOOST_TEST(has_ended(peer));
  BOOST_TEST((peer.send("x") == send_status::closed));
  BOOST_TEST(server_log.count("open") == 1u);
}

// Failures

BOOST_AUTO_TEST_CASE(a_refused_handshake_is_told_with_its_status_and_tried_again) {
  const auto peer = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log));
  log.wait_for("failure: the server refused the WebSocket: 404 Not Found", 2);
  BOOST_TEST(log.lines().size() == log.count("failure")); // no handler was called
  BOOST_TEST(!peer.is_open());
}

BOOST_AUTO_TEST_CASE(one_attempt_is_one_failure) {
  const auto peer = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log, never));
  BOOST_TEST(has_ended(peer));
  const lines expected{"failure: the server refused the WebSocket: 404 Not Found"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_has_is_a_failure) {
  const auto peer = harpia::connect(*system, "ws://nowhere..at-all/", logging(log), failing_into(log, never));
  log.wait_for("failure: ws://nowhere..at-all/ cannot be reached: ");
  BOOST_TEST(has_ended(peer));
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up) {
  const harpia::net::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  std::atomic<bool> timed_out = false;
  const auto peer = harpia::connect(*system, "ws://" + silent.address(), logging(log),
                                    {.reconnect = never, .connect_timeout = 200ms, .on_failure = [&](const harpia::error& why) {
                                       timed_out = why.code() == errc::connect_timeout;
                                       log.add("failure");
                                     }});
  log.wait_for("failure");
  BOOST_TEST(timed_out);
  BOOST_TEST(has_ended(peer));
}

BOOST_AUTO_TEST_CASE(an_on_failure_that_throws_changes_nothing) {
  harpia::connect(*system, url("/nowhere"), logging(log), {.reconnect = soon, .on_failure = [this](const harpia::error&) {
                                                             log.add("failure");
                                                             throw std::runtime_error{"boom"};
                                                           }});
  log.wait_for("failure", 2);
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_refused_at_once) {
  const auto connect = [this](std::string_view to, client_options options = {}) {
    (void)harpia::connect(*system, to, logging(log), std::move(options));
  };
  BOOST_CHECK_THROW(connect("https://127.0.0.1/"), std::invalid_argument);
  BOOST_CHECK_THROW(connect("127.0.0.1"), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.initial = 0ms}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.factor = 0.5}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.initial = 2s, .max = 1s}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.jitter = 2}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.connect_timeout = 0ms}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.headers = {{"Host", "x"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.headers = {{"X", "a\r\nb"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.subprotocols = {"two words"}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.route = {.subprotocols = {"x"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.route = {.high_watermark = 1, .low_watermark = 2}}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
