// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "log/logger.hpp"
#include "log/totals.hpp"
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

namespace harpia::inline v0::detail {

/// Selects the route of a request, and runs all user code: the only place that calls handlers and catches their exceptions.
/// One for each event loop, used on its thread. The routes are shared and immutable.
class dispatcher {
public:
  /// @param counts null: failures are not counted
  dispatcher(std::shared_ptr<const route_set> routes, const logger& log, totals* counts)
      : routes_{std::move(routes)}, log_{&log}, counts_{counts} {}

  /// The request may become a connection of `route`; its parameters are set.
  struct upgrade_to {
    const websocket_route* route;
  };
  /// The request is one for `page`, behind its layers; its parameters are set.
  struct page_at {
    const page_route* page;
    std::optional<http_response> instead = {}; // answers in place of the handler, if the page has another method
  };
  /// The request gets this response at once.
  struct answer {
    http_response response;
  };

  /// Routes a request (RFC 9110, RFC 6455, 4.2).
  /// @param is_upgrade whether it asks for a WebSocket
  [[nodiscard]] std::variant<upgrade_to, page_at, answer> decide(harpia::request& request, bool is_upgrade) const;

  /// Checks the origin of a request (RFC 6455, 10.2). @return the response if `route` does not allow it, otherwise nothing
  [[nodiscard]] std::optional<http_response> refuse_origin(const websocket_route& route, const harpia::request& request);

  /// Runs the user's `handler` of `pattern`. @return the error, if it threw. Whoever gets it counts it: this is the way of every message,
  /// where even what is not executed costs.
  /// @param handler a string literal
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

  /// As `enter`, and counts the error.
  template <class Function>
  std::optional<error> enter_counted(const char* handler, std::string_view pattern, Function function) {
    auto failure = enter(handler, pattern, std::move(function));
    if (failure)
      count(*failure, pattern);
    return failure;
  }
  void count(const error& what, std::string_view pattern) const noexcept;

  /// From now on runs no user code.
  void mute() noexcept { muted_ = true; }

  /// Writes a failure that no `error` handler gets to the log.
  void report(const error& what, std::string_view pattern) const noexcept;

  /// Describes an exception of a handler, including one that CAF called.
  static error failure(std::string_view handler, std::string_view pattern, const std::exception_ptr& thrown) noexcept;

  /// Marks a handler that goes on within another event.
  [[nodiscard]] running_handler::scope mark(const char* handler, std::string_view pattern) noexcept {
    return {mark_, handler, pattern.data()};
  }
  /// The handler that is running. From any thread.
  [[nodiscard]] const running_handler& running() const noexcept { return mark_; }

private:
  static error describe(std::string_view handler, std::string_view pattern, std::exception_ptr thrown);

  std::shared_ptr<const route_set> routes_;
  const logger* log_;
  totals* counts_;
  running_handler mark_;
  bool muted_ = false;
};

} // namespace harpia::inline v0::detail
