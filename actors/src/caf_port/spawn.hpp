// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>

#include <utility>

namespace harpia::inline v0::detail {

/// An owning handle of an actor of a known class. Call the actor's members on its loop's thread only.
template <class Actor>
class typed_ref {
public:
  typed_ref() = default;
  /// @param handle of an `Actor`
  explicit typed_ref(caf::actor handle) : handle_{std::move(handle)} {}

  [[nodiscard]] const caf::actor& handle() const noexcept { return handle_; }
  [[nodiscard]] Actor* get() const&& = delete; // the temporary may hold the last reference
  [[nodiscard]] Actor* get() const& noexcept { return static_cast<Actor*>(caf::actor_cast<caf::abstract_actor*>(handle_)); }
  [[nodiscard]] Actor* operator->() const noexcept { return get(); }
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

private:
  caf::actor handle_;
};

/// Calls `function` once when an actor has terminated, at once if it already has. From any thread; `function` runs on the actor's thread.
template <class Function>
void at_end_of(const caf::strong_actor_ptr& whom, Function function) {
  whom->get()->attach_functor(std::move(function));
}

/// Spawns an actor on the loop of `scheduler`. From any thread; the actor runs on the loop's thread.
template <class Actor, caf::spawn_options Options = caf::hidden, class... Args>
[[nodiscard]] typed_ref<Actor> spawn_pinned(loop_scheduler& scheduler, Args&&... args) {
  caf::actor_config config{&scheduler};
  return typed_ref<Actor>{scheduler.system().template spawn_class<Actor, Options>(config, std::forward<Args>(args)...)};
}

} // namespace harpia::inline v0::detail
