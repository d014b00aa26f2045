// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// A URL's scheme: plain, "ws", or over TLS, "wss".
enum class url_scheme : std::uint8_t { ws, wss };

/// The parts of a WebSocket URL (RFC 6455, 3).
struct websocket_url {
  url_scheme scheme = url_scheme::ws;
  std::string host; ///< a name or an address, IPv6 without its brackets
  std::uint16_t port = 80;
  std::string target = "/"; ///< path and query

  /// "ws" or "wss".
  [[nodiscard]] std::string_view scheme_name() const noexcept { return scheme == url_scheme::ws ? "ws" : "wss"; }
  /// The Host field: the host, IPv6 in brackets, with the port unless it is the default.
  [[nodiscard]] HARPIA_KIT_API std::string authority() const;
};

/// Parses "ws://HOST[:PORT][/PATH][?QUERY]" or "wss://…". HOST is a name, an IPv4 address or an IPv6 address in brackets. Characters
/// that a URL must not contain have to be percent-encoded.
/// @throws std::invalid_argument naming the URL and what is wrong with it
[[nodiscard]] websocket_url parse_url(std::string_view url);

/// The URL that a reference means, such as that of a redirection (RFC 3986, 5.2): a whole URL, in which "http" and "https" stand for "ws"
/// and "wss", a host with a path, a path, or a query. A fragment is ignored.
/// @throws std::invalid_argument if it is none
[[nodiscard]] websocket_url resolve_reference(const websocket_url& base, std::string_view reference);

} // namespace harpia::inline v0::http
