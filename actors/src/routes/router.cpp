// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/router.hpp>

#include "facade/access.hpp"
#include "pages/file_server.hpp"
#include "routes/route_set.hpp"

#include "routing/pattern.hpp"
#include "vocabulary/lower.hpp"
#include "vocabulary/merged_options.hpp"
#include "vocabulary/token.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpia::inline v0 {

namespace {

bool is_below(const routing::pattern& route, const routing::pattern& prefix) {
  const auto& whole = route.segments();
  const auto& part = prefix.segments();
  if (part.size() > whole.size())
    return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i].kind != whole[i].kind)
      return false;
    if (part[i].kind == routing::segment_kind::literal && part[i].text != whole[i].text)
      return false; // names of parameters may differ
  }
  return true;
}

} // namespace

std::string detail::explain(const route_set& routes) {
  std::multimap<std::string, std::string> lines; // by pattern
  const auto add = [&lines](const auto& kind, const std::string& pattern, const std::string& options, std::size_t layers) {
    auto line = std::string{kind} + " " + pattern;
    if (!options.empty())
      line += ": " + options;
    if (layers > 0)
      line += "; behind " + std::to_string(layers) + (layers == 1 ? " layer" : " layers");
    lines.emplace(pattern, std::move(line));
  };
  routes.websockets.for_each([&](const auto&, const websocket_route& route) {
    add("ws", route.pattern, describe(route.options), route.layers.size());
  });
  routes.pages.for_each([&](const auto&, const page_route& page) {
    add(page.method, page.pattern, "max_body " + std::to_string(page.options.max_body), page.layers.size());
  });
  std::string text;
  for (const auto& [pattern, line] : lines)
    text.append(line).append("\n");
  return text;
}

detail::layer_list detail::route_set::layers_for(const routing::pattern& route) {
  layer_list found;
  for (auto& each : layers)
    if (is_below(route, each.prefix)) {
      each.is_used = true;
      found.push_back(each.put);
    }
  return found;
}

void detail::route_set::check_all_layers_used() const {
  const auto refuse = [](const std::string& prefix) {
    throw std::invalid_argument{"the middleware for '" + prefix + "' is around no route: it applies to routes below that prefix "
                                + "that are added after it"};
  };
  if (const auto unused = std::ranges::find(layers, false, &placed_layer::is_used); unused != layers.end())
    refuse(unused->prefix.to_string());
  if (!unused_layers.empty())
    refuse(unused_layers.front());
}

void detail::page_table::insert(routing::pattern pattern, page_route route) {
  auto found = std::ranges::find(by_method_, route.method, &decltype(by_method_)::value_type::first);
  if (found == by_method_.end())
    found = by_method_.emplace(found, route.method, table{});
  found->second.insert(std::move(pattern), std::move(route));
}

const detail::page_table::table* detail::page_table::pages_of(std::string_view method) const noexcept {
  const auto found = std::ranges::find(by_method_, method, &decltype(by_method_)::value_type::first);
  return found == by_method_.end() ? nullptr : &found->second;
}

std::optional<detail::page_table::table::match> detail::page_table::find(std::string_view method, std::string_view path) const {
  std::optional<table::match> found;
  if (const auto* pages = pages_of(method))
    found = pages->find(path);
  if (!found && method == "HEAD")
    return find("GET", path);
  return found;
}

detail::page_table::others detail::page_table::find_others(std::string_view path) const {
  others result;
  for (const auto& [method, pages] : by_method_) {
    auto found = pages.find(path);
    if (!found)
      continue;
    result.methods.push_back(method);
    if (method == "GET")
      result.methods.push_back("HEAD");
    if (!result.first)
      result.first = std::move(found);
  }
  return result;
}

void detail::check_handlers(std::string_view route, const endpoint& target) {
  if (target.has_message() && target.takes_parts())
    throw std::invalid_argument{"'" + std::string{route} + "' has both of the handlers 'message' and 'message_part'"};
  if (target.has_coroutine() && (target.has_message() || target.takes_parts() || target.has_behaviour()))
    throw std::invalid_argument{"'" + std::string{route} + "' has a 'coroutine', and so cannot have "
                                + (target.has_behaviour() ? "a 'behaviour'"
                                   : target.has_message() ? "the handler 'message'"
                                                          : "the handler 'message_part'")};
}

void detail::check_layers(std::string_view route, const endpoint& target, const layer_list& around) {
  if (target.takes_parts())
    for (const auto& each : around)
      check_parts(route, each->shared);
}

void detail::check_options(std::string_view route, const endpoint& target, const route_options& options) {
  try {
    validate(options);
  } catch (const std::invalid_argument& refused) {
    throw std::invalid_argument{"'" + std::string{route} + "': " + refused.what()};
  }
  if (options.calls == calls::enabled && target.takes_parts())
    throw std::invalid_argument{"'" + std::string{route} + "' has the handler 'message_part', and so cannot have 'calls'"};
}

router::router(std::string_view prefix)
    : prefix_{routing::join(prefix, "/").to_string()}, set_{std::make_unique<detail::route_set>()} {}
router::router(router&&) noexcept = default;
router& router::operator=(router&&) noexcept = default;
router::~router() = default;

void router::declare_ws(std::string_view pattern, std::shared_ptr<const detail::endpoint> target, route_options options) {
  auto whole = routing::join(prefix_, pattern);
  auto text = whole.to_string();
  detail::check_handlers(text, *target);
  auto layers = set_->layers_for(whole);
  detail::check_layers(text, *target, layers);
  options = merged(std::move(options), set_->defaults);
  detail::check_options(text, *target, options);
  set_->websockets.insert(std::move(whole), {std::move(text), std::move(target), std::move(layers), std::move(options)});
}

void router::declare_defaults(const route_options& options) {
  auto all = merged(options, set_->defaults);
  validate(all);
  set_->defaults = std::move(all);
}

void router::declare_layer(std::string_view prefix, middleware layer) {
  set_->layers.push_back({routing::join(prefix_, prefix.empty() ? "/" : prefix),
                          std::make_shared<const detail::layer>(detail::layer{.shared = std::move(layer)})});
}

void router::declare_layer(std::string_view prefix, middleware_factory make) {
  if (!make)
    throw std::invalid_argument{"the middleware for '" + std::string{prefix} + "' has no function that makes it"};
  set_->layers.push_back({routing::join(prefix_, prefix.empty() ? "/" : prefix),
                          std::make_shared<const detail::layer>(detail::layer{.make = std::move(make)})});
}

void router::declare_page(std::string_view method, std::string_view pattern, page_handler handler, const page_options& options) {
  auto whole = routing::join(prefix_, pattern);
  auto text = whole.to_string();
  if (!is_token(method) || method == "CONNECT")
    throw std::invalid_argument{"a page cannot answer the method '" + std::string{method} + "', as '" + text + "' should"};
  if (detail::access::is_empty(handler))
    throw std::invalid_argument{"the handler for " + std::string{method} + " of route '" + text + "' is empty"};
  auto layers = set_->layers_for(whole);
  std::string name{method};
  std::ranges::transform(name, name.begin(), lower);
  set_->pages.insert(std::move(whole),
                     {std::move(text), std::string{method}, std::move(name), std::move(handler), options, std::move(layers)});
}

void router::declare_files(std::string_view prefix, const std::filesystem::path& folder, file_options options) {
  auto files = std::make_shared<const detail::file_server>(folder, std::move(options));
  declare_page("GET", routing::join(prefix, "/*").to_string(), detail::access::make<page_handler>(std::move(files)), {});
}

void router::mount(std::string_view prefix, const router& other) {
  const auto under = routing::join(prefix_, routing::join(prefix, "/").to_string()).to_string();
  // A copy first: a router may be mounted on itself, under a prefix.
  std::vector<std::pair<routing::pattern, detail::websocket_route>> sockets;
  std::vector<std::pair<routing::pattern, detail::page_route>> pages;
  const auto moved = [&under](const routing::pattern& pattern) { return routing::join(under, pattern.to_string()); };
  other.set_->websockets.for_each([&](const auto& pattern, const auto& route) { sockets.emplace_back(moved(pattern), route); });
  other.set_->pages.for_each([&](const auto& pattern, const auto& route) { pages.emplace_back(moved(pattern), route); });
  std::vector<std::string> unused;
  for (const auto& each : other.set_->layers)
    if (!each.is_used)
      unused.push_back(moved(each.prefix).to_string());
  for (const auto& each : other.set_->unused_layers)
    unused.push_back(routing::join(under, each).to_string());
  set_->unused_layers.insert(set_->unused_layers.end(), unused.begin(), unused.end());
  for (auto& [pattern, route] : sockets) {
    route.pattern = pattern.to_string();
    const auto outer = set_->layers_for(pattern);
    detail::check_layers(route.pattern, *route.target, outer);
    route.options = merged(std::move(route.options), set_->defaults);
    detail::check_options(route.pattern, *route.target, route.options);
    route.layers.insert(route.layers.begin(), outer.begin(), outer.end());
    set_->websockets.insert(std::move(pattern), std::move(route));
  }
  for (auto& [pattern, route] : pages) {
    route.pattern = pattern.to_string();
    const auto outer = set_->layers_for(pattern);
    route.layers.insert(route.layers.begin(), outer.begin(), outer.end());
    set_->pages.insert(std::move(pattern), std::move(route));
  }
}

} // namespace harpia::inline v0
