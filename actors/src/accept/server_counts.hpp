// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection/connection_limits.hpp"
#include "log/totals.hpp"

#include "websocket/buffer_budget.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace harpia::inline v0::detail {

/// Counters and limits shared by the loops of a server. Thread-safe.
struct server_counts {
  /// Parameters as in `app_options`.
  server_counts(std::size_t max_connections, std::size_t max_connections_per_address, std::size_t max_buffered)
      : slots{max_connections}, addresses{max_connections_per_address}, budget{std::make_shared<websocket::buffer_budget>(
                                                                            max_buffered)} {}

  std::atomic<std::size_t> connections = 0; // open ones
  std::atomic<std::size_t> clients = 0;     // to other servers; the listener decrements it
  std::atomic<std::size_t> handshakes = 0;  // sockets whose request is not answered yet
  std::atomic<std::size_t> idle = 0;        // sockets that were answered and wait for a further request
  std::atomic<std::size_t> pages = 0;       // requests for pages that user code will answer later
  std::atomic<std::uint64_t> refused_origins = 0;
  std::atomic<std::uint64_t> refused_full = 0;
  std::atomic<std::uint64_t> refused_address = 0;
  std::atomic<std::uint64_t> refused_handshakes = 0;
  std::atomic<std::uint64_t> refused_proxy_headers = 0;
  std::atomic<std::uint64_t> slow_handlers = 0;
  totals all;
  limited_slots slots; // for connections
  slots_by_address addresses;
  const std::shared_ptr<websocket::buffer_budget> budget; // for bytes that connections buffer for their peers
};

} // namespace harpia::inline v0::detail
