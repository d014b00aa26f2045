// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <functional>

namespace harpia::detail {

/// Lets an event loop run actors: CAF resumes a pinned actor wherever its execution unit says, and this one says "on the loop".
///
/// Actors that are not pinned but were given work by a pinned one go to the system's scheduler, so that none of them, which may
/// block or take long, ever runs on a loop.
class loop_scheduler final : public caf::execution_unit {
public:
  loop_scheduler(caf::actor_system& system, net::event_loop& loop) : caf::execution_unit{&system}, loop_{&loop} {}

  /// From any thread.
  void exec_later(caf::resumable* job) override;

  /// What is to be done before an actor takes messages from its mailbox. Set before the loop runs.
  std::function<void()> before_resume = [] {};

  [[nodiscard]] net::event_loop& loop() const noexcept { return *loop_; }

private:
  net::event_loop* loop_;
};

} // namespace harpia::detail
