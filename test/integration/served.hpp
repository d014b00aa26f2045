// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <caf/actor.hpp>
#include <cerrno>
#include <future>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <utility>

// What the tests of who is let in share.

namespace harpia::test {

/// An app with a route /echo, which echoes and does what some texts ask for, and a page on /page.
struct served {
  explicit served(const app_options& options, unsigned threads = 1) : app{options}, threads_{threads} {
    app.ws<no_data>("/echo", {.upgrade = [this](auto&) { log.add("asked"); },
                              .message =
                                  [this](auto& ws, message_view message) {
                                    if (message.text() == "terminate")
                                      ws.terminate();
                                    else if (message.text() == "throw")
                                      throw std::runtime_error{"thrown by a test"};
                                    else if (message.text() == "keep")
                                      kept.set_value(as_actor(ws.handle()));
                                    ws.send(message);
                                  },
                              .close = [this](auto&, close_code, std::string_view) { log.add("closed"); }});
    app.get("/page", [](const request&) { return http_response{.body = "a page"}; });
  }

  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads_}); }

  [[nodiscard]] raw_client socket() const { return raw_client::tcp(app.port()); }

  /// From another of this machine's addresses.
  [[nodiscard]] raw_client socket_from(const char* address) const {
    net::unique_fd made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in ours{};
    ours.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &ours.sin_addr);
    auto theirs = ours;
    theirs.sin_port = htons(app.port());
    theirs.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&ours), sizeof ours) != 0
        || ::connect(made.get(), reinterpret_cast<const sockaddr*>(&theirs), sizeof theirs) != 0)
      throw std::system_error{errno, std::system_category(), address};
    return raw_client::over(std::move(made));
  }

  [[nodiscard]] raw_client open() const {
    auto client = socket();
    BOOST_REQUIRE(client.upgrade("/echo").status == 101);
    return client;
  }

  event_log log;
  std::promise<caf::actor> kept; // the actor of a connection that said "keep"
  harpia::app app;               // goes first: its handlers use what is above

private:
  unsigned threads_;
};

inline void check_echo(raw_client& client) {
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

/// Answers the close frame that comes, and sees the end.
inline void end_with(raw_client& client, int code) {
  BOOST_TEST(client.read_close().first == code);
  client.send_close(code);
  BOOST_TEST(client.at_eof());
}

inline void end(raw_client& client) {
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(client.at_eof());
}

/// Checks that a client, which may have asked for something, got `status` and the end.
inline void check_refused(raw_client& client, const http_reply& reply, int status) {
  BOOST_TEST(reply.status == status);
  BOOST_TEST(reply.body.starts_with(std::to_string(status) + " "));
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

inline void check_refused_for_now(raw_client client, const http_reply& reply, int status) {
  check_refused(client, reply, status);
  BOOST_TEST(reply.header("Retry-After") == "5");
}

} // namespace harpia::test
