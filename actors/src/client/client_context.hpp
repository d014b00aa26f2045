// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "http/url.hpp"
#include "net/channel.hpp"

#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace harpia::inline v0::detail {

class client_supervisor;
struct loop_context;

/// State shared by the clients on one loop. On the loop's thread.
struct client_context {
  loop_context* context;                        // the loop of these clients
  std::vector<client_supervisor*> clients = {}; // each adds and removes itself
  /// Opens a client's transport on a driven loop. If empty, clients connect through the network.
  std::function<std::optional<net::channel>(const http::websocket_url&)> open_transport = {};
  std::minstd_rand random{std::random_device{}()}; // for reconnect delays
};

} // namespace harpia::inline v0::detail
