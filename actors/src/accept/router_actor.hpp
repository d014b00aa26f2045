// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "client/client_context.hpp"
#include "loop/loop_context.hpp"

#include "net/timer_wheel.hpp"

#include <harpia/close_code.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <chrono>
#include <cstddef>

namespace harpia::inline v0::detail {

/// To a router: accept no more, and close the loop's connections, spread evenly over a time. It answers when closing has begun.
struct stop_order {
  close_code code;
  std::chrono::milliseconds spread;
};
/// To a router: terminate the connections whose peers have taken nothing for a time.
struct terminate_order {
  std::chrono::milliseconds stuck_for;
};

/// The actor around a loop's dispatcher. It is the sender of requests that `upgrade` handlers make. The listener orders it to close the
/// loop's connections.
class router_actor final : public pinned_actor, net::timer {
public:
  router_actor(caf::actor_config& config, loop_context& context, client_context& clients)
      : pinned_actor{config, context.scheduler}, context_{&context}, clients_{&clients} {}

  const char* name() const override { return "harpia.router"; }

private:
  caf::behavior make_behavior() override;
  void on_exit() override { loop().timers().cancel(*this); }
  void on_timer() override { close_what_is_due(); }
  void stop(const stop_order& order);
  void close_what_is_due();
  [[nodiscard]] std::size_t open_connections() const;

  loop_context* context_;
  client_context* clients_;
  stop_order stop_{}; // set by a `stop_order`
  net::event_loop::clock::time_point last_close_;
  std::size_t open_at_first_ = 0;
};

} // namespace harpia::inline v0::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::stop_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::terminate_order)
