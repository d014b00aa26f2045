// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include "net/acceptor.hpp"
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of clients share.

namespace harpia::test::clients {

using lines = std::vector<std::string>;

inline constexpr reconnect_options soon{.initial = std::chrono::milliseconds{1}, .max = std::chrono::milliseconds{20}};
inline constexpr reconnect_options never{.when = reconnect::never};

inline bool has_ended(const client& peer) {
  return eventually([&] { return !as_actor(peer); });
}

/// Handlers that write down what they are called with.
template <class Data = no_data>
handlers<Data> logging(event_log& log) {
  return {
      .upgrade = [&log](auto&) { log.add("upgrade"); },
      .open = [&log](auto&) { log.add("open"); },
      .message =
          [&log](auto&, message_view message) {
            log.add((message.is_text() ? "text: " : "binary: ") + std::string{message.text()});
          },
      .close = [&log](auto&, close_code code,
                      std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
      .drain = [&log](auto&) { log.add("drain"); },
      .error = [&log](auto&, const error& what) { log.add("error: " + what.what()); },
      .ping = [&log](auto&, std::string_view payload) { log.add("ping: " + std::string{payload}); },
      .pong = [&log](auto&, std::string_view payload) { log.add("pong: " + std::string{payload}); },
  };
}

/// A server whose route "/" does what a text asks for, and echoes what else it gets.
inline std::unique_ptr<app> make_server(event_log& log, std::uint16_t port = 0) {
  auto server = std::make_unique<app>(app_options{.stop_timeout = std::chrono::milliseconds{300}});
  server->ws<no_data>(
      "/", {
               .open = [&log](auto&) { log.add("open"); },
               .message =
                   [&log](auto& ws, message_view message) {
                     if (message.text() == "cut me")
                       ws.terminate();
                     else if (message.text() == "close me")
                       ws.close(close_code{4001}, "as you wish");
                     else if (message.text() == "ping me")
                       ws.ping("hello?");
                     else
                       ws.send(message);
                     log.add("message: " + std::string{message.text().substr(0, 20)});
                   },
               .close = [&log](auto&, close_code code,
                               std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
           });
  server->start({.port = port, .hostname = "127.0.0.1", .threads = 1});
  return server;
}

struct fixture {
  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "ws://127.0.0.1:" + std::to_string(server->port()) + std::string{path};
  }
  [[nodiscard]] client_options failing_into(event_log& into, reconnect_options again = soon) const {
    return {.reconnect = again, .on_failure = [&into](const error& why) { into.add("failure: " + why.what()); }};
  }

  event_log log;        // of the clients
  event_log server_log; // both outlive those that write to them
  std::unique_ptr<app> server = make_server(server_log);
  caf::actor_system_config config;
  std::optional<caf::actor_system> system{std::in_place, config};
};

/// A server in the test's hands.
struct bare_server {
  [[nodiscard]] std::string url() const { return "ws://" + listening.address(); }

  /// Takes a connection, whose request is still to be read.
  raw_client accept_raw() {
    net::accept_result accepted;
    BOOST_REQUIRE(eventually([&] {
      accepted = listening.accept();
      return accepted.outcome == net::accept_outcome::accepted;
    }));
    BOOST_REQUIRE(::fcntl(accepted.socket.get(), F_SETFL, 0) == 0); // raw_client blocks
    return raw_client::over(std::move(accepted.socket));
  }

  /// Takes a connection and accepts its handshake.
  raw_client accept() {
    auto peer = accept_raw();
    const auto asked = peer.read_until("\r\n\r\n");
    const std::string name = "Sec-WebSocket-Key: ";
    const auto key = asked.substr(asked.find(name) + name.size(), 24);
    peer.send_raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                  + accept_for_key(key) + "\r\n\r\n");
    return peer;
  }

  net::acceptor listening{{.port = 0, .hostname = "127.0.0.1"}};
};

} // namespace harpia::test::clients
