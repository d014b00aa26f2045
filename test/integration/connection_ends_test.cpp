// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;
using test::lines;
using test::logging;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

struct counted {
  counted() { ++made; }
  counted(const counted&) = delete;
  ~counted() {
    ++destroyed;
    if (log)
      log->add("destroyed");
  }
  test::event_log* log = nullptr;
  std::string name = "before";
  static inline std::atomic<int> made = 0;
  static inline std::atomic<int> destroyed = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(connection_ends, test::logged_app)

BOOST_AUTO_TEST_CASE(close_is_called_once_for_each_open_however_it_ends) {
  std::atomic<send_status> late = send_status::sent;
  auto callbacks = logging(log);
  callbacks.message = [&late](auto& ws, message_view message) {
    if (message.text() == "close")
      ws.close(close_code{4001}, "as you wish");
    else if (message.text() == "terminate")
      ws.terminate();
    else if (message.text() == "both") {
      ws.close(close_code{4002}, "first");
      ws.close(close_code{4003}, "ignored");
      late = ws.send("late"sv);
    }
  };
  app.ws("/", std::move(callbacks));
  start();
  std::size_t opened = 0;
  const auto check = [&](const std::string& expected, std::size_t errors, const std::function<void(test::raw_client&)>& end) {
    const auto failures = log.count("error");
    auto client = connect("/");
    ++opened;
    log.wait_for("open", opened);
    end(client);
    log.wait_for("close", opened);
    BOOST_TEST(log.lines().back() == expected);
    BOOST_TEST(log.count("error") == failures + errors, expected);
  };
  check("close 4000: bye", 0, [](auto& client) {
    client.send_close(4000, "bye");
    BOOST_TEST(client.read_close().first == 4000);
  });
  check("close 1005: ", 0, [](auto& client) { client.send_frame(test::opcode::close, ""); });
  check("close 4001: as you wish", 0, [](auto& client) {
    client.send_text("close");
    BOOST_TEST((client.read_close() == std::pair{4001, "as you wish"s}));
    client.send_close(4001);
  });
  check("close 4002: first", 0, [&late](auto& client) {
    client.send_text("both");
    BOOST_TEST((client.read_close() == std::pair{4002, "first"s}));
    BOOST_TEST((late == send_status::closed));
    client.send_close(4002);
  });
  check("close 1006: ", 0, [](auto& client) {
    client.send_text("terminate");
    BOOST_TEST(client.at_eof());
  });
  check("close 1006: ", 1, [](auto& client) { client.reset(); });
  check("close 1006: ", 1, [](auto& client) { client.close(); });
  check("close 1006: ", 1, [](auto& client) { client.shutdown_write(); });
  check("close 1002: ", 1, [](auto& client) { client.send_raw(test::encode_frame({.opcode = 3})); });
  check("close 1007: ", 1, [](auto& client) { client.send_text("\xff"); });
  check("close 1001: ", 0, [this](auto& client) {
    app.stop();
    BOOST_TEST(client.read_close().first == 1001);
    client.send_close(1001);
  });
  app.wait();
  BOOST_TEST(log.count("open") == opened);
  BOOST_TEST(log.count("close") == opened);
}

BOOST_AUTO_TEST_CASE(nothing_can_be_sent_from_close) {
  app.ws<no_data>("/", {.close = [this](auto& ws, close_code, std::string_view) {
                    const bool refused = ws.ready_state() == harpia::ready_state::closed
                                         && ws.send("late"sv) == send_status::closed && ws.ping() == send_status::closed;
                    ws.close();
                    ws.terminate();
                    log.add(refused ? "close, refused" : "close, taken");
                  }});
  start();
  auto client = connect("/");
  close(client);
  log.wait_for("close, refused");
}

BOOST_AUTO_TEST_CASE(the_data_lives_until_close_has_returned_and_dies_once) {
  app.ws<counted>("/", {
                           .open =
                               [this](auto& ws) {
                                 ws.data.log = &log;
                                 ws.data.name = "named";
                               },
                           .message = [](auto& ws, message_view) { ws.terminate(); },
                           .close = [this](auto& ws, close_code, std::string_view) { log.add("close " + ws.data.name); },
                       });
  start();
  auto first = connect("/");
  close(first);
  log.wait_for("destroyed", 1);
  auto second = connect("/");
  second.send_text("terminate");
  log.wait_for("destroyed", 2);
  auto third = connect("/");
  third.reset();
  log.wait_for("destroyed", 3);
  auto fourth = connect("/");
  app.stop(); // cut after `stop_timeout`
  app.wait();
  const lines expected{"close named", "destroyed", "close named", "destroyed",
                       "close named", "destroyed", "close named", "destroyed"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(counted::made == 4);
  BOOST_TEST(counted::destroyed == 4);
}

BOOST_AUTO_TEST_SUITE_END()
