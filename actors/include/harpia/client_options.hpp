// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>
#include <harpia/export.hpp>
#include <harpia/route_options.hpp>
#include <harpia/tls_options.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace harpia {

/// Whether a client connects again after an attempt that failed and after a connection that was lost or that the server closed.
enum class reconnect : std::uint8_t { always, never };

/// How long a client waits before it connects again: `initial`, and `factor` times as long after each further failure, up to `max`.
/// A random part of it, up to `jitter`, is left out, so that the clients of a server that restarts do not return all at once.
///
/// A connection that stayed open for longer than the wait that is due begins with `initial` anew. Waits are kept to a tenth of a
/// second.
struct reconnect_options {
  reconnect when = reconnect::always;
  std::chrono::milliseconds initial{250};
  double factor = 2; ///< at least 1
  std::chrono::milliseconds max = std::chrono::seconds{30};
  double jitter = 0.5; ///< from 0 to 1
};

/// How a client connects, and what it allows its connection.
struct client_options {
  reconnect_options reconnect = {};
  /// How long one attempt may take, from the resolved name to the answered opening handshake.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{10};
  /// Fields to add to the opening handshake.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Subprotocols to offer, the preferred first; `ws.subprotocol()` is what the server chose.
  std::vector<std::string> subprotocols = {};
  /// Limits of each connection. Its `subprotocols` are a server's and must be empty; compression is offered if it is enabled.
  route_options route = {};
  /// For "wss" URLs; must be left alone for others.
  client_tls_options tls = {};
  /// Is told of each attempt that failed, on the client's event loop: `errc::connect_failed`, `connect_timeout`, `handshake_refused`
  /// with the status, or what went wrong with the handshake. Must not block; what it throws is logged.
  std::function<void(const error&)> on_failure = {};
};

/// Refuses options that contradict one another.
/// @throws std::invalid_argument naming the option
HARPIA_API void validate(const client_options& options);

} // namespace harpia
