// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace harpia::transport {

/// Where a WebSocket is: a "ws" URL in parts (RFC 6455, 3).
struct websocket_url {
  std::string host; ///< a name or an address, IPv6 without its brackets
  std::uint16_t port = 80;
  std::string target = "/"; ///< path and query

  /// The Host field: the host, IPv6 in brackets, with the port unless it is the default.
  [[nodiscard]] std::string authority() const;
};

/// Takes "ws://HOST[:PORT][/PATH][?QUERY]" apart; HOST is a name, an IPv4 address or an IPv6 address in brackets. Characters that a
/// URL must not hold have to be percent-encoded already.
/// @throws std::invalid_argument naming the URL and what is wrong with it; "wss" is refused, as TLS is not built in
[[nodiscard]] websocket_url parse_url(std::string_view url);

} // namespace harpia::transport
