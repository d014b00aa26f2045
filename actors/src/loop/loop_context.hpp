// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"
#include "groups/group_shard.hpp"
#include "log/logger.hpp"
#include "log/totals.hpp"
#include "log/traffic_counts.hpp"
#include "loop/connection_list.hpp"
#include "routes/dispatcher.hpp"

#include "net/event_loop.hpp"
#include "websocket/session_context.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace harpia::inline v0::detail {

/// An event loop and the state that all connections on it share. Its owner runs it on a thread or polls it.
///
/// Thread safety: as documented at its members; otherwise on the loop's thread only.
struct loop_context {
  /// @param log_to outlives this object
  /// @param count_in likewise; null for a loop of clients only
  /// @param budget as that of `websocket::session_context`
  loop_context(caf::actor_system& system, std::shared_ptr<const route_set> routes, group_directory& all_groups,
               net::event_loop::clock::time_point start, const logger& log_to, totals* count_in = nullptr,
               std::shared_ptr<websocket::buffer_budget> budget = nullptr)
      : log{log_to}, counts{count_in}, sessions{std::move(budget), &loop}, loop{start}, scheduler{system, loop},
        handlers{std::move(routes), log_to, count_in}, groups{loop, all_groups}, traffic_{count_in ? &count_in->add_loop()
                                                                                                   : nullptr} {
    // A publisher that then sends to an actor on this loop has both delivered in that order.
    scheduler.before_resume = [this] { groups.catch_up(); };
  }
  ~loop_context() { loop.clear(); } // actors that the loop still holds use the other members until destroyed
  loop_context(const loop_context&) = delete;
  loop_context& operator=(const loop_context&) = delete;

  const logger& log;
  totals* const counts; // null on a loop for clients only
  websocket::session_context sessions;
  net::event_loop loop;
  loop_scheduler scheduler;
  dispatcher handlers;
  group_shard groups;
  connection_list connections;
  pinned_actor* router = nullptr; // alive while the loop runs; null on a loop for clients only
  bool stopping = false;          // true: no new client begins, and what opens is closed with `stop_code`
  close_code stop_code = close_code::going_away;

  /// What to count the messages of a route in.
  [[nodiscard]] traffic_counts& traffic_of(std::string_view pattern) {
    if (!traffic_)
      return uncounted_;
    const auto found = traffic_->find(pattern);
    return found == traffic_->end() ? uncounted_ : found->second; // a client's
  }

  /// Runs the user's `handler` of `pattern` in the context of the router actor.
  template <class Function>
  std::optional<error> enter_router(const char* handler, std::string_view pattern, Function function) {
    std::optional<error> failure;
    router->run_in_place([&] { failure = handlers.enter_counted(handler, pattern, std::move(function)); });
    return failure;
  }

private:
  loop_traffic* traffic_; // null on a loop for clients only
  traffic_counts uncounted_;
};

} // namespace harpia::inline v0::detail
