// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "accept/router_actor.hpp"

#include "client/client_supervisor.hpp"
#include "connection/connection.hpp"

#include "net/deadline.hpp"

#include <algorithm>
#include <cmath>

namespace harpia::inline v0::detail {

namespace {

bool is_to_close(const connection& each) {
  return !each.is_outgoing() && each.state() == ready_state::open;
}

} // namespace

caf::behavior router_actor::make_behavior() {
  // A response handler of an `upgrade` handler may throw. The guard of its deferred answer then answers the handshake.
  set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
    context_->handlers.report(context_->handlers.failure("response", "upgrade", thrown), {});
    return {};
  });
  return {
      [this](const stop_order& order) { stop(order); },
      [this](const terminate_order& order) {
        context_->connections.for_each([&](connection& each) {
          if (each.is_stuck(order.stuck_for))
            each.terminate();
        });
      },
  };
}

void router_actor::stop(const stop_order& order) {
  context_->stopping = true;
  context_->stop_code = order.code;
  stop_ = order;
  last_close_ = net::deadline_after(loop().current_time(), order.spread);
  open_at_first_ = open_connections();
  close_what_is_due();
}

std::size_t router_actor::open_connections() const {
  std::size_t count = 0;
  context_->connections.for_each([&](const connection& each) { count += is_to_close(each) ? 1 : 0; });
  return count;
}

// This program's clients close last, since other connections may still need their messages.
void router_actor::close_what_is_due() {
  const auto open = open_connections();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(last_close_ - loop().current_time());
  if (open == 0 || left.count() <= 0) {
    for (auto* each : clients_->clients)
      each->end(stop_.code, {});
    context_->connections.for_each([this](connection& each) { each.close(stop_.code, {}); });
    return;
  }
  const auto share = static_cast<double>(left.count()) / static_cast<double>(stop_.spread.count());
  const auto may_stay = static_cast<std::size_t>(std::ceil(static_cast<double>(open_at_first_) * share));
  auto due = open - std::min(open, may_stay);
  context_->connections.for_each([&](connection& each) {
    if (due > 0 && is_to_close(each)) {
      each.close(stop_.code, {});
      --due;
    }
  });
  loop().timers().schedule(*this, loop().current_time() + net::timer_wheel::resolution);
}

} // namespace harpia::inline v0::detail
