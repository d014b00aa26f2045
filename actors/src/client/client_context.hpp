// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "http/url.hpp"
#include "net/channel.hpp"

#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace harpia::detail {

class client_supervisor;
struct loop_context;

/// What the clients on one loop share. On the loop's thread.
struct client_context {
  loop_context* home;                           // where they live
  std::vector<client_supervisor*> clients = {}; // they enter and leave by themselves
  /// What a client that connects reaches, if the loop is driven; the network, if this is empty.
  std::function<std::optional<net::channel>(const http::websocket_url&)> reach = {};
  std::minstd_rand random{std::random_device{}()}; // for waits
};

} // namespace harpia::detail
