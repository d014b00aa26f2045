// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What the tests of handlers share.

namespace harpia::test {

using lines = std::vector<std::string>;

/// What most handlers here do: write down that they were called.
template <class Data = no_data>
handlers<Data> logging(event_log& log) {
  return {
      .open = [&log](auto&) { log.add("open"); },
      .message = [&log](auto&, message_view message) { log.add("message: " + std::string{message.text()}); },
      .close = [&log](auto&, close_code code,
                      std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
      .drain = [&log](auto&) { log.add("drain"); },
      .error = [&log](auto&, const error& what) { log.add("error: " + what.what()); },
      .ping = [&log](auto&, std::string_view payload) { log.add("ping: " + std::string{payload}); },
      .pong = [&log](auto&, std::string_view payload) { log.add("pong: " + std::string{payload}); },
  };
}

/// An app that a test gives routes to, and its log.
struct logged_app {
  void start(unsigned threads = 1) { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads}); }

  [[nodiscard]] raw_client connect(std::string_view path, const header_list& headers = {}) const {
    auto client = raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path, headers).status == 101);
    return client;
  }
  [[nodiscard]] http_reply upgrade(std::string_view path, const header_list& headers = {}) const {
    auto client = raw_client::tcp(app.port());
    auto reply = client.upgrade(path, headers);
    if (reply.status != 101)
      BOOST_TEST(client.at_eof());
    return reply;
  }

  event_log log; // outlives the app, whose handlers write to it
  harpia::app app{{.handshake_timeout = std::chrono::milliseconds{300}, .stop_timeout = std::chrono::milliseconds{300}}};
};

/// Ends the conversation as its client.
inline void close(raw_client& client, int code = 1000) {
  client.send_close(code);
  BOOST_TEST(client.read_close().first == code);
  BOOST_TEST(client.at_eof());
}

[[noreturn]] inline void boom() {
  throw std::runtime_error{"boom"};
}

} // namespace harpia::test
