// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace harpia::test {

/// Which end of a conversation something is.
enum class role : std::uint8_t { client, server };

/// Why an end failed the connection. Only Beast tells the two faults of a close frame apart.
enum class fault : std::uint8_t { none, frame, close_code, close_reason, text, size, compression };

/// An event that one end of a conversation reported, in a form that two implementations share.
struct told {
  enum class event : std::uint8_t {
    text,   ///< a message: `payload`
    binary, ///< a message: `payload`
    ping,   ///< `payload`
    pong,   ///< `payload`
    closed, ///< the closing handshake: `code` and the reason in `payload`
    lost,   ///< the bytes ended without a close frame
    failed, ///< the peer broke the protocol: `code` is that of the close frame that was sent, 0 if none was; `why`
  };

  event what;
  std::string payload = {};
  int code = 0;
  fault why = fault::none; // of `failed`; not compared, since the two do not tell the same faults apart
  std::string words = {};  // of `failed`, for reports; not compared

  [[nodiscard]] bool is_message() const noexcept { return what == event::text || what == event::binary; }
  [[nodiscard]] bool is_failure(int with) const noexcept { return what == event::failed && code == with; }

  friend bool operator==(const told& a, const told& b) noexcept {
    return a.what == b.what && a.code == b.code && a.payload == b.payload;
  }
};

using told_list = std::vector<told>;

/// For reports of tests. Long payloads are cut.
[[nodiscard]] std::string to_string(const told& event);

} // namespace harpia::test
