// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/captured_errors.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <future>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace test = harpia::test;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;

/// Of this process.
std::ptrdiff_t threads() {
  const std::filesystem::directory_iterator all{"/proc/self/task"};
  return std::distance(begin(all), end(all));
}

/// An app whose handlers block until a report is there.
struct served {
  explicit served(std::chrono::milliseconds limit) : app{{.slow_handler = limit}} {
    app.ws<no_data>("/stuck/:by", {.upgrade = [this](auto& request) { block_if("upgrade", request.request()); },
                                   .open = [this](auto& ws) { block_if("open", ws.request()); },
                                   .message =
                                       [this](auto& ws, harpia::message_view message) {
                                         block_if("message", ws.request());
                                         ws.send(message);
                                       }});
    app.get("/page", [this](const harpia::request&) {
      block();
      return harpia::http_response{.body = "a page"};
    });
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  void block_if(std::string_view handler, const harpia::request& asked) {
    if (asked.param("by") == handler)
      block();
  }

  /// Returns once one more handler was reported: this one, since no other runs.
  void block() {
    const auto before = app.statistics().slow_handlers;
    const auto deadline = std::chrono::steady_clock::now() + test::time_limit;
    while (app.statistics().slow_handlers == before && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    log.add(app.statistics().slow_handlers == before + 1 ? "reported" : "not reported");
  }

  /// A conversation in which one handler blocks.
  void talk(const std::string& by) const {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade("/stuck/" + by).status == 101);
    client.send_text("hello");
    BOOST_TEST(client.read_text() == "hello");
  }

  test::event_log log;
  harpia::app app; // goes first: its handlers use what is above
};

} // namespace

BOOST_AUTO_TEST_SUITE(slow_handlers)

BOOST_AUTO_TEST_CASE(a_handler_that_blocks_its_loop_is_reported_while_it_does) {
  const served one{20ms};
  std::uint64_t reported = 0;
  for (const auto* handler : {"upgrade", "open", "message"}) {
    one.talk(handler);
    BOOST_TEST(one.log.count("reported") == ++reported);
  }
  BOOST_TEST(test::raw_client::tcp(one.app.port()).get("/page").body == "a page");
  BOOST_TEST(one.log.count("reported") == ++reported);
}

BOOST_AUTO_TEST_CASE(a_limit_that_no_handler_reaches_reports_none) {
  const served one{std::chrono::milliseconds::max()};
  one.talk("nobody");
  BOOST_TEST(one.app.statistics().slow_handlers == 0u);
}

BOOST_AUTO_TEST_CASE(a_report_names_the_handler_and_its_route) {
  const test::captured_errors errors;
  const served one{20ms};
  one.talk("message");
  BOOST_REQUIRE(one.log.count("reported") == 1u);
  const auto text = errors.text();
  BOOST_TEST(text.find(" warning harpia: the handler 'message' of route '/stuck/:by' has been running for ") != std::string::npos,
             text);
}

BOOST_AUTO_TEST_CASE(a_limit_of_0_needs_no_thread) {
  const auto threads_with = [](std::chrono::milliseconds limit) {
    const served one{limit};
    return threads();
  };
  const auto watched = threads_with(1h);
  BOOST_TEST(threads_with(0ms) == watched - 1);
}

BOOST_AUTO_TEST_CASE(a_limit_below_0_is_refused) {
  BOOST_CHECK_THROW(harpia::app{{.slow_handler = -1ms}}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(worker_threads_that_are_all_blocked_are_reported_and_so_is_their_return) {
  std::promise<void> promise;
  const auto go_on = promise.get_future().share();
  test::event_log log;
  harpia::app app{{.log = [&](const harpia::log_record& record) { log.add(std::string{record.event}); }, .slow_handler = 20ms}};
  for (int i = 0; i < 64; ++i) // more than there are threads
    test::spawn(app.system(), [go_on](caf::event_based_actor*) -> caf::behavior {
      go_on.wait();
      return {[](int) {}};
    });
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  log.wait_for("workers_blocked");
  BOOST_TEST(log.count("workers_blocked") == 1u);
  promise.set_value();
  log.wait_for("workers_blocked", 2);
}

BOOST_AUTO_TEST_SUITE_END()
