// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "middleware/layers.hpp"

#include "routing/pattern.hpp"
#include "routing/route_table.hpp"
#include <harpia/detail/endpoint.hpp>
#include <harpia/http.hpp>
#include <harpia/route_options.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::detail {

struct websocket_route {
  std::string pattern; // for error messages
  std::shared_ptr<const endpoint> target;
  layer_list layers;                    // around the target
  std::optional<route_options> options; // empty: the app's defaults
};

/// Rejects handlers that cannot be combined. @throws std::invalid_argument naming the route
void check_handlers(std::string_view route, const endpoint& target);
/// Rejects layers that do not fit a route's handlers. @throws std::invalid_argument naming the route
void check_layers(std::string_view route, const endpoint& target, const layer_list& around);
/// Rejects options that do not fit a route's handlers. @throws std::invalid_argument naming the route
void check_options(std::string_view route, const endpoint& target, const route_options& options);

struct page_route {
  std::string pattern;
  http_handler handler;
};

/// Middleware for the routes below a prefix.
struct placed_layer {
  routing::pattern prefix;
  std::shared_ptr<const layer> put;
};

/// The routes of a router or an app. A path may have a page and a WebSocket at once.
struct route_set {
  routing::route_table<websocket_route> websockets;
  routing::route_table<page_route> pages;
  std::vector<placed_layer> layers; // in declaration order; each applies to later routes only

  [[nodiscard]] layer_list layers_for(const routing::pattern& route) const;
};

} // namespace harpia::detail
