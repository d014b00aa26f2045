// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "routes/route_set.hpp"
#include "routes/running_handler.hpp"

#include <harpia/error.hpp>
#include <harpia/http.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace harpia::detail {

/// Decides whose handlers a request gets and lets every event into them: the one place where user code is entered and where its
/// exceptions end. One for each event loop, used on its thread; the routes are shared and no longer change.
class dispatcher {
public:
  dispatcher(std::shared_ptr<const route_set> routes, route_options defaults)
      : routes_{std::move(routes)}, defaults_{std::move(defaults)} {}

  /// A request that is to become a connection of `route`; its parameters are set.
  struct upgrade_to {
    const websocket_route* route;
  };
  /// A request that is answered at once.
  struct answer {
    http_response response;
  };

  /// Finds what to do with a request (RFC 9110, RFC 6455, 4.2).
  [[nodiscard]] std::variant<upgrade_to, answer> decide(request& asked);

  /// What a request gets that must not become a connection of `route` because of the page that made it (RFC 6455, 10.2).
  [[nodiscard]] std::optional<http_response> refuse_origin(const websocket_route& route, const request& asked);

  [[nodiscard]] const route_options& options_of(const websocket_route& route) const noexcept {
    return route.options ? *route.options : defaults_;
  }
  /// The app's policy holds for every route that sets none, whatever else the route sets.
  [[nodiscard]] const origin_policy& origins_of(const websocket_route& route) const noexcept {
    const auto& own = options_of(route).origins;
    return own.is_set() ? own : defaults_.origins;
  }

  /// Enters the user's `handler` of `pattern`. @return what it ended with, if it threw
  /// @param handler a literal
  template <class Function>
  std::optional<error> enter(const char* handler, std::string_view pattern, Function function) {
    if (muted_)
      return std::nullopt;
    const running_handler::scope marked{mark_, handler, pattern.data()};
    try {
      function();
      return std::nullopt;
    } catch (...) {
      return failure(handler, pattern, std::current_exception());
    }
  }

  /// Enters no user code any more.
  void mute() noexcept { muted_ = true; }

  /// Puts a failure into words, that of a handler that CAF entered by itself too.
  error failure(std::string_view handler, std::string_view pattern, std::exception_ptr thrown);

  /// Which handler is being run. From any thread.
  [[nodiscard]] const running_handler& running() const noexcept { return mark_; }

private:
  std::shared_ptr<const route_set> routes_;
  route_options defaults_;
  running_handler mark_;
  bool muted_ = false;
};

} // namespace harpia::detail
