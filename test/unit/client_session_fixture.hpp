// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "http/request_reader.hpp"
#include "websocket/upgrade.hpp"

#include "driven_session.hpp"
#include "support/event_functions.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of a client's session share.

namespace harpia::test::client_sessions {

inline const route_options plain{.max_payload = 1 << 24, .high_watermark = 1 << 20, .max_buffered = 1 << 26};
inline const route_options deflating{
    .max_payload = 1 << 24,
    .high_watermark = 1 << 20,
    .max_buffered = 1 << 26,
    .compression = compression::enabled,
    .deflate = {.threshold = 1}};

/// One end: a session, and what it told.
class side : event_functions, public driven_session {
public:
  explicit side(const route_options& options) : driven_session{static_cast<websocket::event_listener&>(*this), options} {}

  lines log;
  std::optional<error> failure;
  std::optional<http_response> response;
  std::function<void()> in_response;

private:
  void on_response(const http_response& answer) override {
    log.push_back("response " + std::to_string(answer.status));
    response = answer;
    if (in_response)
      in_response();
  }
  void on_message(message_view message) override { log.push_back(shown(message.is_text() ? "text" : "binary", message.text())); }
  void on_ping(std::string_view payload) override { log.push_back(shown("ping", payload)); }
  void on_pong(std::string_view payload) override { log.push_back(shown("pong", payload)); }
  void on_failed(const error& what) override {
    log.push_back(shown("failed", what.code().message()));
    failure = what;
  }
  void on_closed(close_code code, std::string_view reason) override {
    log.push_back(shown("ended " + std::to_string(static_cast<int>(code)), reason));
  }
};

/// A client whose server is the test.
struct lone_client : side {
  explicit lone_client(const route_options& options = plain, websocket::client_opening opening = {.host = "localhost"})
      : side{options} {
    session->connect(std::move(opening));
    BOOST_TEST((session->state() != ready_state::open));
    asked = written();
  }

  /// The value of a field of the opening handshake.
  [[nodiscard]] std::string asked_field(std::string_view name) const {
    const auto begin = asked.find("\r\n" + std::string{name} + ": ");
    if (begin == std::string::npos)
      return {};
    const auto value = begin + name.size() + 4;
    return asked.substr(value, asked.find("\r\n", value) - value);
  }

  [[nodiscard]] std::string accepting(std::string_view fields = {}) const {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
           + accept_for_key(asked_field("Sec-WebSocket-Key")) + "\r\n" + std::string{fields} + "\r\n";
  }

  std::string asked;
};

struct open_client : lone_client {
  explicit open_client(const route_options& options = plain, std::string_view fields = {}) : lone_client{options} {
    receive(accepting(fields));
    BOOST_REQUIRE((session->state() == ready_state::open));
    log.clear();
  }
};

/// A client and a server, each of which gets what the other wrote.
struct pair {
  explicit pair(const route_options& options = plain) : client{options}, server{options} {
    client.session->connect({.host = "localhost", .target = "/chat"});
    http::request_reader reader{1 << 14};
    BOOST_REQUIRE((reader.read(as_bytes(client.written())) == http::request_reader::state::complete));
    const auto asked = reader.take_request();
    BOOST_REQUIRE(!websocket::check_upgrade(asked));
    server.session->accept(asked, {});
    exchange();
    BOOST_REQUIRE((client.session->state() == ready_state::open));
    client.log.clear();
  }

  void exchange() {
    for (;;) {
      const auto up = client.written();
      const auto down = server.written();
      if (up.empty() && down.empty())
        return;
      server.receive(up);
      client.receive(down);
    }
  }

  side client;
  side server;
};

/// Takes a client's frame off `bytes` and unmasks it.
inline frame take_masked(std::string& bytes) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes.at(index)); };
  BOOST_REQUIRE((byte(1) & 0x80) != 0);
  std::size_t size = byte(1) & 0x7F;
  std::size_t header = 2;
  if (const std::size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0; extended > 0) {
    size = 0;
    for (std::size_t i = 0; i < extended; ++i)
      size = size << 8 | byte(header++);
  }
  frame taken{.fin = (byte(0) & 0x80) != 0, .rsv1 = (byte(0) & 0x40) != 0, .opcode = byte(0) & 0x0F};
  for (std::size_t i = 0; i < size; ++i)
    taken.payload.push_back(static_cast<char>(byte(header + 4 + i) ^ byte(header + i % 4)));
  bytes.erase(0, header + 4 + size);
  return taken;
}

inline frame only_masked(side& from) {
  auto bytes = from.written();
  auto taken = take_masked(bytes);
  BOOST_TEST(bytes.empty());
  return taken;
}

inline std::string from_server(int opcode, std::string_view payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = opcode, .payload = std::string{payload}}, std::nullopt);
}

inline void check_failed(const side& client, errc code, const lines& expected) {
  BOOST_TEST(client.log == expected, boost::test_tools::per_element());
  BOOST_REQUIRE(client.failure.has_value());
  BOOST_TEST((client.failure->code() == code), client.failure->what());
  BOOST_TEST((client.session->state() == ready_state::closed));
}

} // namespace harpia::test::client_sessions
