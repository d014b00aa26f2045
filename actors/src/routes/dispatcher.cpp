// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routes/dispatcher.hpp"

#include "log/log.hpp"

#include "http/http.hpp"
#include "websocket/upgrade.hpp"
#include <harpia/detail/connection_failure.hpp>

namespace harpia::detail {

std::variant<dispatcher::upgrade_to, dispatcher::answer> dispatcher::decide(harpia::request& request) {
  const auto path = request.path();
  auto socket = routes_->websockets.find(path);
  auto fault = socket ? websocket::check_upgrade(request) : std::nullopt;
  if (socket && !fault) {
    request.set_params(std::move(socket->params));
    return upgrade_to{socket->value};
  }
  if (websocket::asks_for_websocket(request))
    return answer{fault ? *std::move(fault) : http::refuse(404, "no WebSocket route matches this path")};
  auto page = routes_->pages.find(path);
  if (!page && !socket)
    return answer{http::refuse(404, "no route matches this path")};
  if (request.method() != "GET" && request.method() != "HEAD")
    return answer{websocket::method_not_allowed(request)};
  if (!page)
    return answer{websocket::upgrade_required()};
  request.set_params(std::move(page->params));
  answer result;
  if (const auto failure = enter("get", page->value->pattern, [&] { result.response = page->value->handler(request); })) {
    log(*failure);
    result.response = http::refuse(500, "the handler of this page failed");
  } else if (result.response.status < 200 || result.response.status > 599) {
    log(error{errc::handler_threw,
              "the handler 'get' of route '" + page->value->pattern + "' returned status "
                  + std::to_string(result.response.status) + ", which is not from 200 to 599; the client gets 500"});
    result.response = http::refuse(500, "the handler of this page failed");
  }
  return result;
}

std::optional<http_response> dispatcher::refuse_origin(const websocket_route& route, const harpia::request& request) {
  const auto& policy = origins_of(route);
  if (policy.accepts_all())
    return std::nullopt;
  bool accepted = false;
  if (const auto failure = enter("origins", route.pattern, [&] { accepted = policy.accepts(request); })) {
    log(*failure);
    return http::refuse(500, "the origin check failed");
  }
  if (accepted)
    return std::nullopt;
  return http::refuse(403, "this origin is not allowed to connect");
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

} // namespace harpia::detail
