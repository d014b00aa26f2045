// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "log/traffic_counts.hpp"

#include <harpia/close_code.hpp>
#include <harpia/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// What has happened since a server was made. Thread-safe; messages are counted by each loop for itself.
class totals {
public:
  /// Counts events of a route from now on.
  void add_route(std::string_view pattern) {
    const std::scoped_lock lock{mutex_};
    routes_.emplace(pattern, route_statistics{});
  }
  /// Adds the counts of a loop with all routes that were added before. They live as long as this object.
  [[nodiscard]] loop_traffic& add_loop() {
    const std::scoped_lock lock{mutex_};
    auto& added = traffic_.emplace_back();
    for (const auto& [pattern, events] : routes_)
      added.try_emplace(pattern);
    return added;
  }
  void opened(std::string_view route) {
    change(route, [](route_statistics& of) { ++of.opened; });
  }
  void closed(std::string_view route, close_code code) {
    change(route, [code](route_statistics& of) { ++of.closed[static_cast<unsigned>(code)]; });
  }
  void dropped(std::string_view route, std::size_t messages) {
    change(route, [messages](route_statistics& of) { of.dropped += messages; });
  }
  void handler_failed(std::string_view route) {
    change(route, [](route_statistics& of) { ++of.handler_failures; });
  }
  void refused(int status) {
    const std::scoped_lock lock{mutex_};
    ++refused_[status];
  }

  void copy_to(app_statistics& all) const {
    const std::scoped_lock lock{mutex_};
    all.refused = refused_;
    all.routes = routes_;
    for (const auto& loop : traffic_)
      for (const auto& [pattern, counts] : loop) {
        auto& sum = all.routes.find(pattern)->second;
        counts.received.add_to(sum.received);
        counts.sent.add_to(sum.sent);
      }
  }

private:
  template <class Change>
  void change(std::string_view route, Change apply) {
    const std::scoped_lock lock{mutex_};
    if (const auto found = routes_.find(route); found != routes_.end())
      apply(found->second);
  }

  mutable std::mutex mutex_; // guards the members below
  std::map<int, std::uint64_t> refused_;
  std::map<std::string, route_statistics, std::less<>> routes_; // those of the app
  std::deque<loop_traffic> traffic_;                            // one for each loop; its keys are those of `routes_`
};

} // namespace harpia::inline v0::detail
