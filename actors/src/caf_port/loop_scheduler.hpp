// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <functional>

namespace harpia::inline v0::detail {

/// An execution unit that runs actors on an event loop. CAF resumes a pinned actor through its execution unit, so on this loop.
///
/// Other actors that a pinned actor makes runnable go to the system's scheduler. They may block or run long, so they never run on a
/// loop.
class loop_scheduler final : public caf::execution_unit {
public:
  loop_scheduler(caf::actor_system& system, net::event_loop& loop) : caf::execution_unit{&system}, loop_{&loop} {}

  /// From any thread.
  void exec_later(caf::resumable* job) override;

  /// A function that runs before an actor takes messages from its mailbox. Set it before the loop runs.
  std::function<void()> before_resume = [] {};

  [[nodiscard]] net::event_loop& loop() const noexcept { return *loop_; }

private:
  net::event_loop* loop_;
};

} // namespace harpia::inline v0::detail
