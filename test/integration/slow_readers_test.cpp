// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <poll.h>
#include <string>
#include <string_view>

// A peer that reads slowly, but goes on reading, loses nothing, however short the time-outs are; one that stops reading is cut.

namespace test = harpia::test;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

const std::string large(std::size_t{8} << 20, 'x'); // more than all buffers of the kernel

harpia::route_options impatient() {
  return {.high_watermark = 1 << 26, .max_buffered = 1 << 26, .idle_timeout = 1200ms, .close_timeout = 1s};
}

/// Reads some of what waits every few milliseconds, so that all of it takes several time-outs.
std::string read_slowly(test::raw_client& client, const std::function<bool(std::size_t)>& goes_on) {
  std::string read;
  while (goes_on(read.size())) {
    const auto piece = client.read_raw(64 << 10);
    if (piece.empty())
      break;
    read += piece;
    if (read.size() / (128 << 10) != (read.size() - piece.size()) / (128 << 10))
      ::poll(nullptr, 0, 50); // the peer is slow, nobody waits for it
  }
  return read;
}

struct serving {
  explicit serving(const harpia::app_options& options = {}) : app{options} {
    app.ws<no_data>(
        "/large",
        {.open = [](auto& ws) { ws.send(large); },
         .message =
             [](auto& ws, message_view message) {
               if (message.text() == "close")
                 ws.close(close_code{4001}, "enough");
             },
         .close = [this](auto&, close_code code,
                         std::string_view) { log.add("closed " + std::to_string(static_cast<int>(code))); },
         .error = [this](auto&, const harpia::error& what) { log.add("failed: " + what.what()); }},
        impatient());
    app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = large}; });
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  test::raw_client connect() const {
    auto client = test::raw_client::tcp(app.port(), {.receive_buffer = 64 << 10});
    BOOST_REQUIRE(client.upgrade("/large").status == 101);
    return client;
  }

  test::event_log log;
  harpia::app app;
};

bool has_all(std::string_view read) {
  return std::ranges::count(read, 'x') == static_cast<std::ptrdiff_t>(large.size());
}

constexpr std::size_t head_and_close = 64; // bytes more than the message, at most

} // namespace

BOOST_AUTO_TEST_SUITE(slow_readers)

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_of_a_message_though_it_never_says_a_word) {
  serving all;
  auto client = all.connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto read = read_slowly(client, [](std::size_t size) { return size < large.size(); });
  BOOST_TEST(all.log.lines().empty()); // from now on it may be given up: it answers no ping
  BOOST_TEST((std::chrono::steady_clock::now() - begin > 2500ms), "several time-outs have passed");
  BOOST_TEST(has_all(read));
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_before_a_close_and_the_close) {
  serving all;
  auto client = all.connect();
  client.send_text("close");
  const auto read = read_slowly(client, [](std::size_t size) { return size < large.size() + 10; });
  BOOST_TEST(has_all(read));
  client.send_close(4001);
  all.log.wait_for("closed 4001");
  BOOST_TEST(all.log.count("failed") == 0u);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_after_its_own_close) {
  serving all;
  auto client = all.connect();
  client.send_close(1000);
  BOOST_TEST(has_all(read_slowly(client, [](std::size_t) { return true; })));
  BOOST_TEST(all.log.count("failed") == 0u);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_before_a_stop) {
  serving all{{.stop_timeout = 1s}};
  auto client = all.connect();
  all.app.stop();
  const auto read = read_slowly(client, [](std::size_t size) { return size < large.size() + 10; });
  BOOST_TEST(has_all(read));
  client.send_close(1001);
  all.app.wait();
  BOOST_TEST(all.log.count("failed") == 0u);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_all_of_a_page) {
  serving all;
  auto client = test::raw_client::tcp(all.app.port(), {.receive_buffer = 64 << 10});
  client.send_raw("GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto read = read_slowly(client, [](std::size_t) { return true; });
  BOOST_TEST(has_all(std::string_view{read}.substr(read.find("\r\n\r\n"))));
}

BOOST_AUTO_TEST_CASE(who_stops_reading_is_cut_whatever_is_owed) {
  serving all;
  auto client = all.connect();
  client.send_text("close");
  all.log.wait_for("closed 4001");
  BOOST_TEST(all.log.count("failed: the peer did not answer a close frame in time: it takes no bytes") == 1u);
  BOOST_TEST(client.read_to_end().size() < large.size() + head_and_close);
}

BOOST_AUTO_TEST_CASE(a_reset_is_noticed_though_the_connection_is_paused) {
  test::event_log log;
  harpia::app app;
  app.ws<no_data>("/paused",
                  {.message = [](auto& ws, message_view) { ws.pause(); },
                   .close = [&](auto&, close_code code, std::string_view) { log.add("closed " + test::number(code)); }},
                  {.idle_timeout = 600ms});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/paused").status == 101);
  client.send_text("pause");
  BOOST_TEST(client.read_frame().opcode == test::opcode::ping); // which is how it will be noticed
  BOOST_TEST(client.read_frame().opcode == test::opcode::ping); // more than the time-out has passed
  BOOST_TEST(client.read_frame().opcode == test::opcode::ping);
  BOOST_TEST(log.lines().empty());
  client.reset();
  log.wait_for("closed 1006");
}

BOOST_AUTO_TEST_SUITE_END()
