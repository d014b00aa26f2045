// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "messages.hpp"
#include "worker.hpp"

namespace harpia::detail {

/// The actor around a loop's dispatcher. `upgrade` handlers that ask other actors ask in its name; the listener tells it when to
/// close the loop's connections.
class router_actor final : public pinned_actor {
public:
  router_actor(caf::actor_config& config, loop_scheduler& home, worker& owner) : pinned_actor{config, home}, worker_{&owner} {}

  const char* name() const override { return "harpia.router"; }

private:
  caf::behavior make_behavior() override;

  worker* worker_;
};

} // namespace harpia::detail
