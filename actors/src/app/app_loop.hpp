// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/accept_context.hpp"
#include "client/client_context.hpp"
#include "loop/loop_context.hpp"

#include <memory>
#include <thread>
#include <utility>

namespace harpia::inline v0::detail {

/// One of an app's loops with everything on it. The thread runs from `start` until the loop is stopped. Without a thread the server's
/// driver polls the loop.
struct app_loop {
  app_loop(caf::actor_system& system, std::shared_ptr<const route_set> routes, const http_limits& limits,
           group_directory& all_groups, server_counts& counts, net::event_loop::clock::time_point start, const logger& log)
      : accept{.context = &context, .counts = &counts, .limits = limits}, client{.context = &context},
        context{system, std::move(routes), all_groups, start, log, &counts.all, counts.budget} {}

  accept_context accept;
  client_context client;
  loop_context context; // destroyed before the members above
  std::thread thread;   // not joinable if the loop is driven
};

} // namespace harpia::inline v0::detail
