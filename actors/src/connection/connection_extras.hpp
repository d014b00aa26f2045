// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection/connection_calls.hpp"
#include "connection/connection_limits.hpp"
#include "connection/outgoing_connection.hpp"
#include "connection/remote_connection.hpp"

#include <harpia/detail/endpoint.hpp>

#include <memory>
#include <string>

namespace harpia::detail {

/// What only some connections have, so that the others need not carry it.
struct connection_extras {
  std::string subprotocol;
  std::shared_ptr<const remote_connection> remote; // once somebody asked for a handle
  std::unique_ptr<connection_calls> calls;         // once there was one
  socket_ptr initial{nullptr, {nullptr}};          // the data before `open`, for a restart
  std::shared_ptr<outgoing_connection> outgoing;   // of a client
  connection_slots slots;                          // until it has closed
};

} // namespace harpia::detail
