// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <utility>

namespace harpia::test {

class acting final : public caf::event_based_actor {
public:
  using begin = std::function<caf::behavior(caf::event_based_actor*)>;

  acting(caf::actor_config& config, begin what) : caf::event_based_actor{config}, begin_{std::move(what)} {}

private:
  caf::behavior make_behavior() override { return begin_(this); }

  begin begin_;
};

/// Spawns an actor of a function. CAF's own `spawn` binds a reference to null for one that takes nothing else than `self`.
inline caf::actor spawn(caf::actor_system& system, acting::begin what) {
  return system.spawn<acting>(std::move(what));
}

} // namespace harpia::test
