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

/// Whether a client reconnects after a failed attempt, and after a connection that was lost or that the server closed.
enum class reconnect : std::uint8_t { always, never };

/// How long a client waits before it reconnects (exponential backoff).
///
/// The first wait is `initial`. After each further failure the wait is multiplied by `factor`, up to `max`. A connection that
/// stayed open for longer than the wait that is due resets the wait to `initial`. Timers have a resolution of 100 ms.
struct reconnect_options {
  reconnect when = reconnect::always;
  std::chrono::milliseconds initial{250}; ///< must be positive and not over `max`
  double factor = 2;                      ///< at least 1
  std::chrono::milliseconds max = std::chrono::seconds{30};
  double jitter = 0.5; ///< from 0 to 1: the largest random share that is subtracted, so that clients do not reconnect all at once
};

/// How a client connects, and the limits of its connections. Durations may be of any length: the longest mean never.
struct client_options {
  reconnect_options reconnect = {};
  /// How long one attempt may take, from the resolved name to the response to the opening handshake. Must be positive.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{10};
  /// Header fields to add to the opening handshake: name and value.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Subprotocols to offer, the preferred one first. `ws.subprotocol()` is the one that the server chose.
  std::vector<std::string> subprotocols = {};
  /// Limits of each connection. Its `subprotocols` must be empty. Compression is offered if it is enabled.
  route_options route = {};
  /// TLS options for "wss" URLs. Must have its defaults for "ws" URLs.
  client_tls_options tls = {};
  /// Receives the error of each failed attempt: `errc::connect_failed`, `errc::connect_timeout`, `errc::handshake_refused` with
  /// the status, or another error of the handshake. Runs on the client's event loop and must not block. Exceptions are logged.
  std::function<void(const error&)> on_failure = {};
};

/// Checks options for values that are out of range or contradict one another.
///
/// *Errors* Throws `std::invalid_argument` naming the option.
HARPIA_API void validate(const client_options& options);

} // namespace harpia
