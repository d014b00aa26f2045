// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routes/dispatcher.hpp"

#include "http/response.hpp"
#include "websocket/upgrade.hpp"
#include <harpia/detail/connection_failure.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace harpia::inline v0::detail {

namespace {

// The answer to a method that a path does not have (RFC 9110, 9.3.7 and 15.5.6).
http_response tell_methods(std::string_view asked, const std::vector<std::string_view>& methods) {
  std::string allowed;
  for (const auto each : methods)
    allowed.append(each).append(", ");
  allowed.append("OPTIONS");
  auto response =
      asked == "OPTIONS" ? http_response{.status = 204} : http::refuse(405, "'" + std::string{asked} + "' is not answered here");
  response.headers = {{"Allow", std::move(allowed)}};
  return response;
}

} // namespace

std::variant<dispatcher::upgrade_to, dispatcher::page_at, dispatcher::answer>
dispatcher::decide(harpia::request& request, bool is_upgrade) const {
  const auto path = request.path();
  const auto method = request.method();
  const auto whole_server = [&] { return answer{tell_methods(method, {"GET", "HEAD"})}; };
  if (path == "*")
    return whole_server();
  auto socket = routes_->websockets.find(path);
  if (method == "GET" && is_upgrade) {
    if (!socket)
      return answer{http::refuse(404, "no WebSocket route matches this path")};
    if (auto fault = websocket::check_upgrade(request))
      return answer{*std::move(fault)};
    request.set_params(std::move(socket->params));
    return upgrade_to{socket->value};
  }
  if (auto page = routes_->pages.find(method, path)) {
    request.set_params(std::move(page->params));
    return page_at{page->value};
  }
  if (socket && (method == "GET" || method == "HEAD"))
    return answer{websocket::upgrade_required()};
  auto others = routes_->pages.find_others(path);
  if (!others.first && !socket) {
    if (method == "OPTIONS" && path == "/") // a health check of haproxy, unless it is told to ask otherwise
      return whole_server();
    return answer{http::refuse(404, "no route matches this path")};
  }
  if (socket && std::ranges::find(others.methods, "GET") == others.methods.end())
    others.methods.push_back("GET");
  auto instead = tell_methods(method, others.methods);
  if (!others.first)
    return answer{std::move(instead)};
  request.set_params(std::move(others.first->params));
  return page_at{others.first->value, std::move(instead)};
}

std::optional<http_response> dispatcher::refuse_origin(const websocket_route& route, const harpia::request& request) {
  const auto& policy = route.options.origins;
  if (policy.accepts_all())
    return std::nullopt;
  bool accepted = false;
  if (const auto failure = enter_counted("origins", route.pattern, [&] { accepted = policy.accepts(request); })) {
    report(*failure, route.pattern);
    return http::refuse(500, "the origin check failed");
  }
  if (accepted)
    return std::nullopt;
  return http::refuse(403, "this origin is not allowed to connect");
}

void dispatcher::count(const error& what, std::string_view pattern) const noexcept {
  if (counts_ && what.code() == errc::handler_threw)
    counts_->handler_failed(pattern);
}

void dispatcher::report(const error& what, std::string_view pattern) const noexcept {
  log_->write({.level = log_level::error, .event = "handler_failed", .route = pattern, .what = what.what()});
}

error dispatcher::failure(std::string_view handler, std::string_view pattern, const std::exception_ptr& thrown) noexcept {
  try {
    return describe(handler, pattern, thrown);
  } catch (...) {
    return {errc::handler_threw, "out of memory", thrown}; // so short a text needs no memory
  }
}

error dispatcher::describe(std::string_view handler, std::string_view pattern, std::exception_ptr thrown) {
  std::string what = "the handler '";
  what.append(handler).append("' of route '").append(pattern).append("' threw: ");
  try {
    std::rethrow_exception(thrown);
  } catch (const connection_failure& failed) {
    return failed.cause();
  } catch (const std::exception& exception) {
    what.append(exception.what());
  } catch (...) {
    what.append("an exception that is not a std::exception");
  }
  return {errc::handler_threw, std::move(what), std::move(thrown)};
}

} // namespace harpia::inline v0::detail
