// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "messages.hpp"
#include "worker.hpp"

#include <harpia/transport/timer_wheel.hpp>

#include <cstddef>

namespace harpia::detail {

/// The actor around a loop's dispatcher. `upgrade` handlers that ask other actors ask in its name; the listener tells it when to
/// close the loop's connections.
class router_actor final : public pinned_actor, transport::timer {
public:
  router_actor(caf::actor_config& config, loop_scheduler& home, worker& owner) : pinned_actor{config, home}, worker_{&owner} {}

  const char* name() const override { return "harpia.router"; }

private:
  caf::behavior make_behavior() override;
  void on_exit() override { loop().timers().cancel(*this); }
  void on_timer() override { close_what_is_due(); }
  void stop(const stop_order& order);
  void close_what_is_due();
  [[nodiscard]] std::size_t open_connections() const;

  worker* worker_;
  stop_order stop_{}; // once it was told to
  transport::event_loop::clock::time_point last_close_;
  std::size_t open_at_first_ = 0;
};

} // namespace harpia::detail
