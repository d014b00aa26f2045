// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/engine.hpp>
#include <harpia/export.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace harpia::inline v0 {

/// Messages in one direction.
struct traffic {
  std::uint64_t messages = 0; ///< whole messages
  std::uint64_t bytes = 0;    ///< bytes of their payloads
};

/// What has happened on one route since the app was made.
struct route_statistics {
  std::uint64_t opened = 0;                 ///< connections
  std::map<unsigned, std::uint64_t> closed; ///< connections, by the code that `close` got
  traffic received;                         ///< from the clients; compressed messages count as large as they were before
  traffic sent;                             ///< accepted by `send`, or for members of groups; not all of it need have left
  std::uint64_t dropped = 0;                ///< messages that the policy at the limit dropped
  std::uint64_t handler_failures = 0;       ///< exceptions of handlers, layers and pages
};

/// What an app shares with other nodes, see `app_options::engine`.
struct engine_statistics {
  engine_state state = engine_state::none;
  std::size_t pending = 0;            ///< messages that wait for the engine's answer
  std::size_t pending_bytes = 0;      ///< their bytes
  std::uint64_t synchronisations = 0; ///< questions for what a group's history has
  std::uint64_t filled = 0;           ///< messages that were missed at first and came by these
  std::uint64_t resets = 0;           ///< see `engine_options::on_reset`
};

/// The state of a server, and what has happened since it was made. The values are read one after another, so they may belong to
/// slightly different moments.
struct app_statistics {
  std::size_t connections = 0; ///< open ones, see `app::connections`
  std::size_t handshakes = 0;  ///< sockets that `app_options::max_handshakes` counts
  std::size_t buffered = 0;    ///< bytes buffered for slow peers, see `app_options::max_buffered`
  // Refused by:
  std::uint64_t refused_origins = 0;    ///< `route_options::origins`
  std::uint64_t refused_full = 0;       ///< `app_options::max_connections`
  std::uint64_t refused_address = 0;    ///< `app_options::max_connections_per_address`
  std::uint64_t refused_handshakes = 0; ///< `app_options::max_handshakes`
  /// `listen_options::proxy_protocol`: the header was missing or malformed, or its sender is not trusted. Sockets that closed
  /// without sending a byte are not counted.
  std::uint64_t refused_proxy_headers = 0;
  std::uint64_t slow_handlers = 0; ///< handlers that exceeded `app_options::slow_handler`; nothing is refused
  /// Upgrades and requests that were refused, by the library or by a handler: those with a status from 400 on.
  std::map<int, std::uint64_t> refused;
  /// By the pattern of the route; empty before the app starts. Clients of the app are not counted.
  std::map<std::string, route_statistics, std::less<>> routes;
  engine_statistics engine = {};
};

} // namespace harpia::inline v0
