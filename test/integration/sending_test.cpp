// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "sending_fixture.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// What is promised about sending: from other threads, and of outcomes.

namespace test = harpia::test;
using harpia::close_code;
using harpia::delivery_outcome;
using harpia::message_view;
using harpia::on_limit;
using harpia::send_status;

using namespace test::sending;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(sending, test::sending::fixture)

// From other threads

BOOST_AUTO_TEST_CASE(the_messages_of_one_thread_keep_their_order) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t messages = 500;
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_TEST(handle.is_open());
  std::vector<std::jthread> senders;
  for (std::size_t who = 0; who < threads; ++who)
    senders.emplace_back([handle, who] {
      for (std::size_t i = 0; i < messages; ++i)
        handle.send(std::to_string(who) + ' ' + std::to_string(i));
    });
  std::map<std::size_t, std::size_t> next;
  for (std::size_t i = 0; i < threads * messages; ++i) {
    const auto text = client.read_text();
    BOOST_REQUIRE(number_of(text.substr(text.find(' '))) == next[number_of(text)]++);
  }
}

BOOST_AUTO_TEST_CASE(a_handle_sends_text_and_bytes) {
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_TEST((handle.send("text") == send_status::sent));
  BOOST_TEST((handle.send(std::as_bytes(std::span{"bytes", 5})) == send_status::sent));
  BOOST_TEST(client.read_text() == "text");
  BOOST_TEST(client.read_binary() == "bytes");
}

BOOST_AUTO_TEST_CASE(a_handle_of_no_connection_is_closed) {
  const harpia::handle nobody;
  BOOST_TEST(!nobody.is_open());
  BOOST_TEST((nobody.send("hello") == send_status::closed));
  nobody.close();
}

BOOST_AUTO_TEST_CASE(a_handle_answers_closed_after_the_end_and_after_the_app) {
  std::optional<harpia::handle> handle;
  start();
  auto client = connect();
  handle = given.get_future().get();
  client.send_close(1000);
  log.wait_for("close 1000");
  BOOST_TEST(!handle->is_open());
  BOOST_TEST((handle->send("late") == send_status::closed));
  handle->close();
  app.stop();
  app.wait();
  BOOST_TEST((handle->send("later") == send_status::closed));
}

BOOST_AUTO_TEST_CASE(a_handle_that_is_first_asked_for_once_the_connection_closes_is_closed) {
  const auto ask = [this](auto& ws, const std::string& when) {
    const auto handle = ws.handle();
    log.add(when + (handle.is_open() ? " open " : " not open ") + std::string{name_of(handle.send("lost"))});
  };
  app.ws<harpia::no_data>("/late", {.message =
                                        [ask](auto& ws, message_view how) {
                                          how.text() == "close" ? ws.close() : ws.terminate();
                                          ask(ws, std::string{how.text()});
                                        },
                                    .close = [ask](auto& ws, close_code, std::string_view) { ask(ws, "at the end"); }});
  start();
  auto closed = connect("/late");
  closed.send_text("close");
  log.wait_for("close not open closed");
  BOOST_TEST(closed.read_close().first == 1000);
  auto terminated = connect("/late");
  terminated.send_text("terminate");
  log.wait_for("terminate not open closed");
  auto ended = connect("/late");
  ended.send_close(1000);
  log.wait_for("at the end not open closed", 2);
}

BOOST_AUTO_TEST_CASE(a_thread_that_was_told_buffered_is_owed_a_drain) {
  start({.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 64 << 20});
  auto client = connect_slowly();
  const auto handle = given.get_future().get();
  std::size_t sent = 0;
  for (std::size_t round = 1; round <= 2; ++round) {
    // Once the loop has looked, a `buffered` is not of the mailbox but of the client.
    for (bool waits = false; !waits; on_loop([&] { waits = first->buffered_amount() > 64 << 10; }))
      while (handle.send(numbered(sent++)) != send_status::buffered) {
      }
    const auto drains = log.count("drain");
    for (static std::size_t next = 0; next < sent; ++next)
      BOOST_REQUIRE(number_of(client.read_text()) == next);
    log.wait_for("drain", drains + 1);
    on_loop();
    BOOST_TEST(log.count("drain") == drains + 1);
  }
}

BOOST_AUTO_TEST_CASE(a_thread_closes_with_code_and_reason) {
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_CHECK_THROW(handle.close(close_code::abnormal), std::invalid_argument);
  BOOST_CHECK_THROW(handle.close(close_code::normal, std::string(124, 'x')), std::invalid_argument);
  BOOST_TEST(handle.is_open());
  std::thread{[&] { handle.close(close_code{4001}, "enough"); }}.join();
  BOOST_TEST((client.read_close() == std::pair{4001, "enough"s}));
  BOOST_TEST(!handle.is_open());
  BOOST_TEST((handle.send("late") == send_status::closed));
  client.send_close(4001);
  BOOST_TEST(client.at_eof());
  log.wait_for("close 4001 enough");
}

// Outcomes

BOOST_AUTO_TEST_CASE(a_promised_outcome_is_taken_dropped_or_closed) {
  constexpr std::size_t flood = 2000; // twice what the system and the connection hold
  on_message = [this](auto& ws, std::string_view) {
    for (std::size_t i = 0; i < flood; ++i) {
      const auto status = ws.send(numbered(i), {.on_outcome = [this, i](delivery_outcome outcome) {
                                    log.add("outcome " + std::string{name_of(outcome)} + ' ' + std::to_string(i));
                                  }});
      if (status == send_status::dropped)
        log.add("outcome refused " + std::to_string(i)); // the status is the outcome
    }
    log.add("flooded");
  };
  start(pressed(on_limit::drop_newest));
  auto client = connect_slowly();
  client.send_text("flood");
  log.wait_for("outcome refused " + std::to_string(flood - 1));
  const auto lost = log.count("outcome refused");
  BOOST_TEST(lost > 0u);
  for (std::size_t i = 0; i < flood - lost; ++i)
    BOOST_REQUIRE(number_of(client.read_text()) == i);
  log.wait_for("outcome taken", flood - lost);

  client.send_text("flood"); // and now it goes without reading
  log.wait_for("flooded", 2);
  client.reset();
  log.wait_for("close 1006");
  on_loop();
  BOOST_TEST(log.count("outcome closed") > 0u);
  BOOST_TEST(log.count("outcome") == 2 * flood);
  BOOST_TEST(log.lines().back().starts_with("close 1006"));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_refused_has_no_outcome_but_its_status) {
  on_message = [this](auto& ws, std::string_view) {
    ws.close();
    const auto late = ws.send("late", {.on_outcome = [this](delivery_outcome) { log.add("an outcome"); }});
    log.add(late == send_status::closed ? "closed" : "something else");
  };
  start();
  auto client = connect();
  client.send_text("close");
  log.wait_for("closed");
  client.send_close(1000);
  log.wait_for("close 1000");
  BOOST_TEST(log.count("an outcome") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
