// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor_addr.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

namespace harpia::detail {

/// CAF's scheduler in the hands of the test kit: its jobs run one by one, and its clock stands still.
class kit_scheduler {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Has a system take it. Before the system is made.
  static void choose(caf::actor_system_config& config);
  /// @param system has taken it
  explicit kit_scheduler(caf::actor_system& system);

  [[nodiscard]] std::size_t jobs() const noexcept;
  /// Runs one of the jobs: one message, if it is an actor's. @return false if there is none
  bool run_job(std::size_t number = 0);

  [[nodiscard]] time_point now() const noexcept;
  /// When the first time-out is due.
  [[nodiscard]] std::optional<time_point> next_due() const;
  void advance_to(time_point time);

  /// Discards what was to run, and ends the actors that it was for.
  void drop_jobs();
  /// Ends the actors that have had a turn, too.
  void end_actors();

private:
  caf::scheduler::test_coordinator* scheduler_;
  std::map<caf::actor_id, caf::actor_addr> actors_; // that have had a turn and not ended; some may be gone
};

} // namespace harpia::detail
