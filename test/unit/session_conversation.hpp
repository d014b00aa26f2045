// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "driven_session.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of a server's session share.

namespace harpia::test::sessions {

inline std::string text(std::string_view payload, bool fin = true) {
  return encode_frame({.fin = fin, .opcode = opcode::text, .payload = std::string{payload}});
}
inline std::string binary(std::string_view payload) {
  return encode_frame({.opcode = opcode::binary, .payload = std::string{payload}});
}
inline std::string continued(std::string_view payload, bool fin) {
  return encode_frame({.fin = fin, .opcode = opcode::continuation, .payload = std::string{payload}});
}
inline std::string control(int opcode, std::string_view payload = {}) {
  return encode_frame({.opcode = opcode, .payload = std::string{payload}});
}
inline std::string closing(int code, std::string_view reason = {}) {
  return control(opcode::close, encode_close(code, reason));
}

/// Writes down every event, and does what a test wants done inside of one.
class recorder final : public event_functions {
public:
  std::vector<std::string> log;
  std::optional<error> failure;
  std::function<void(message_view)> in_message;
  std::function<void()> in_ping;
  std::function<void()> in_failed;
  std::function<void()> in_ended;

  [[nodiscard]] auto count(std::string_view begin) const {
    return std::ranges::count_if(log, [&](const auto& line) { return line.starts_with(begin); });
  }

private:
  void on_message(message_view message) override {
    log.push_back(shown(message.is_text() ? "text" : "binary", message.text()));
    if (in_message)
      in_message(message);
  }
  void on_ping(std::string_view payload) override {
    log.push_back(shown("ping", payload));
    if (in_ping)
      in_ping();
  }
  void on_pong(std::string_view payload) override { log.push_back(shown("pong", payload)); }
  void on_failed(const error& what) override {
    log.push_back(shown("failed", what.code().message()));
    failure = what;
    if (in_failed)
      in_failed();
  }
  void on_closed(close_code code, std::string_view reason) override {
    log.push_back(shown("ended " + std::to_string(static_cast<int>(code)), reason));
    if (in_ended)
      in_ended();
  }
};

inline const route_options plain{.high_watermark = 1 << 20, .max_buffered = 1 << 26};

struct recorded {
  recorder events;
};

/// A server's session that is written down.
struct conversation : recorded, driven_session {
  explicit conversation(const route_options& options = plain) : driven_session{events, options} {}

  std::vector<frame> frames() {
    auto bytes = written();
    std::vector<frame> found;
    while (auto frame = take_frame(bytes))
      found.push_back(*std::move(frame));
    BOOST_TEST(bytes.empty(), "the session wrote half a frame");
    return found;
  }

  frame only_frame() {
    auto found = frames();
    BOOST_REQUIRE(found.size() == 1u);
    return found.front();
  }

  std::pair<int, std::string> only_close() { return decode_close(only_frame()); }

  std::string accept(const request& asked = opening_request(), const websocket::header_fields& fields = {}) {
    session->accept(asked, fields);
    BOOST_TEST((session->state() == ready_state::open));
    return written();
  }
};

struct open_conversation : conversation {
  open_conversation() { accept(); }
};

} // namespace harpia::test::sessions
