// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection/connection_calls.hpp"
#include "connection/connection_limits.hpp"
#include "connection/connection_timers.hpp"
#include "connection/coroutine_table.hpp"
#include "connection/counting_member.hpp"
#include "connection/outgoing_connection.hpp"
#include "connection/remote_connection.hpp"

#include <harpia/detail/endpoint.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace harpia::inline v0::detail {

/// State that only some connections need, separate to keep the others small.
struct connection_extras {
  std::string subprotocol;
  std::shared_ptr<const remote_connection> remote; // set by the first `handle()`
  std::unique_ptr<connection_calls> calls;         // set by the first call
  std::unique_ptr<connection_timers> timers;       // set by the first timer
  std::unique_ptr<coroutine_table> coroutines;     // set by the first coroutine
  std::optional<counting_member> counted;          // if it has layers
  socket_ptr initial{nullptr, {nullptr}};          // the user's data before `open`, for a restart
  std::shared_ptr<outgoing_connection> outgoing;   // null unless of a client
  connection_slots slots;                          // held until it has closed
  std::uint32_t message = 0;                       // number of the last message that came in parts
  std::uint32_t life = 0;                          // number of restarts
  std::uint32_t interrupted_message = 0;           // number of the message within which the connection was restarted; 0: none
};

} // namespace harpia::inline v0::detail
