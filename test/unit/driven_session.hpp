// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/timeless_session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::test {

/// What tests write down of an event that has a payload or a reason.
inline std::string shown(std::string_view what, std::string_view payload) {
  return std::string{what} + ": " + std::string{payload};
}

using lines = std::vector<std::string>;

/// A session of either side, whose peer's end is in the test's hands.
struct driven_session {
  /// @param events outlive it
  driven_session(websocket::event_listener& events, const route_options& options)
      : session{std::in_place, context, events, options} {}

  /// What the session has queued since.
  std::string written() { return session->written(); }

  void receive(std::string_view bytes) {
    auto copy = copy_of_bytes(bytes);
    session->receive(copy);
  }
  void receive_byte_by_byte(std::string_view bytes) {
    for (const char& byte : bytes)
      receive({&byte, 1});
  }

  websocket::session_context context;
  std::optional<timeless_session> session;
};

} // namespace harpia::test
