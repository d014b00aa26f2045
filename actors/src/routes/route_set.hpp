// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "middleware/layers.hpp"

#include "routing/pattern.hpp"
#include "routing/route_table.hpp"
#include <harpia/detail/endpoint.hpp>
#include <harpia/page.hpp>
#include <harpia/route_options.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::detail {

struct websocket_route {
  std::string pattern; // for error messages
  std::shared_ptr<const endpoint> target;
  layer_list layers;     // around the target
  route_options options; // with what it has inherited
};

/// Rejects handlers that cannot be combined. @throws std::invalid_argument naming the route
void check_handlers(std::string_view route, const endpoint& target);
/// Rejects layers that do not fit a route's handlers. @throws std::invalid_argument naming the route
void check_layers(std::string_view route, const endpoint& target, const layer_list& around);
/// Rejects options that are wrong, contradict one another or do not fit a route's handlers. @throws std::invalid_argument naming the route
void check_options(std::string_view route, const endpoint& target, const route_options& options);

struct page_route {
  std::string pattern; // for error messages
  std::string method;
  std::string name; // of the handler: the method in lower case
  page_handler handler;
  page_options options;
  layer_list layers; // around the handler
};

/// The pages: for each method a table of patterns, so that the most specific pattern that has the method answers.
class page_table {
public:
  using table = routing::route_table<page_route>;

  /// @throws as `route_table::insert`
  void insert(routing::pattern pattern, page_route route);
  /// @return as `route_table::find`; for HEAD also what answers GET
  [[nodiscard]] std::optional<table::match> find(std::string_view method, std::string_view path) const;

  /// What answers other methods on a path.
  struct others {
    std::optional<table::match> first;          // nothing if there is none
    std::vector<std::string_view> methods = {}; // HEAD with GET
  };
  [[nodiscard]] others find_others(std::string_view path) const;

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [method, pages] : by_method_)
      pages.for_each(visit);
  }

private:
  [[nodiscard]] const table* pages_of(std::string_view method) const noexcept;

  std::vector<std::pair<std::string, table>> by_method_;
};

/// Middleware for the routes below a prefix.
struct placed_layer {
  routing::pattern prefix;
  std::shared_ptr<const layer> put;
  bool is_used = false; // there is a route below the prefix
};

/// The routes of a router or an app. A path may have a page and a WebSocket at once.
struct route_set {
  routing::route_table<websocket_route> websockets;
  page_table pages;
  std::vector<placed_layer> layers;            // in declaration order; each applies to later routes only
  route_options defaults = {};                 // likewise
  std::vector<std::string> unused_layers = {}; // prefixes of mounted routers' layers that are around no route

  /// The layers around a route that is about to be added.
  [[nodiscard]] layer_list layers_for(const routing::pattern& route);
  /// @throws std::invalid_argument naming the prefix of a layer that no route is below
  void check_all_layers_used() const;
};

/// A line for each route: what it is, and which of its options somebody has set.
[[nodiscard]] std::string explain(const route_set& routes);

} // namespace harpia::inline v0::detail
