// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <string_view>

// What the tests of an app's life and of its addresses share.

namespace harpia::test::echoing {

inline listen_options loopback(unsigned threads = 1) {
  return {.port = 0, .hostname = "127.0.0.1", .threads = threads};
}

/// Adds a route that echoes, and stops `app` when it is asked to.
inline void add_echo(app& app, std::string_view pattern = "/echo") {
  app.ws<no_data>(pattern, {.message = [&app](auto& ws, message_view message) {
                    if (message.text() == "stop")
                      app.stop();
                    else
                      ws.send(message);
                  }});
}

inline raw_client connect(const app& app, std::string_view path = "/echo") {
  auto client = raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade(path).status == 101);
  return client;
}

inline void check_echo(raw_client& client) {
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

inline void check_going_away(raw_client& client) {
  BOOST_TEST(client.read_close().first == 1001);
  client.send_close(1001);
  BOOST_TEST(client.at_eof());
}

template <class Exception>
std::string what_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Exception& thrown) {
    return thrown.what();
  }
  return "(nothing was thrown)";
}

} // namespace harpia::test::echoing
