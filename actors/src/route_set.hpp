// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/endpoint.hpp>
#include <harpia/http.hpp>
#include <harpia/route_options.hpp>
#include <harpia/routing/route_table.hpp>

#include <memory>
#include <optional>
#include <string>

namespace harpia::detail {

struct websocket_route {
  std::string pattern; // for messages
  std::shared_ptr<const endpoint> target;
  std::optional<route_options> options; // the app's defaults without
};

struct page_route {
  std::string pattern;
  http_handler handler;
};

/// The routes of a router or an app. A path may have a page and a WebSocket at once.
struct route_set {
  routing::route_table<websocket_route> websockets;
  routing::route_table<page_route> pages;
};

} // namespace harpia::detail
