// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/request.hpp>

#include <vector>

namespace harpia::test {

/// An opening handshake without fault (RFC 6455, 1.2), with further fields.
[[nodiscard]] inline request opening_request(const std::vector<request::field>& further = {}) {
  std::vector<request::field> fields{
      {"Host", "localhost"},
      {"Upgrade", "websocket"},
      {"Connection", "Upgrade"},
      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
      {"Sec-WebSocket-Version", "13"}};
  fields.insert(fields.end(), further.begin(), further.end());
  return {"GET", "/", fields};
}

} // namespace harpia::test
