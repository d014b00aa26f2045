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

namespace harpia::inline v0::detail {

/// CAF's deterministic scheduler for the test kit. Its jobs run one by one, and its clock advances only by `advance_to`.
class kit_scheduler {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Selects this scheduler. Call it before the system is constructed.
  static void choose(caf::actor_system_config& config);
  /// @param system was constructed with a config that `choose` has set
  explicit kit_scheduler(caf::actor_system& system);

  [[nodiscard]] std::size_t jobs() const noexcept;
  /// Runs one job. For an actor that is one message. @return false if there is no such job
  bool run_job(std::size_t number = 0);

  [[nodiscard]] time_point now() const noexcept;
  /// The time of the next time-out; nothing if there is none.
  [[nodiscard]] std::optional<time_point> next_due() const;
  void advance_to(time_point time);

  /// Discards all jobs, and kills the actors that they were for.
  void drop_jobs();
  /// Kills all actors that have run, then calls `drop_jobs`.
  void end_actors();

private:
  caf::scheduler::test_coordinator* scheduler_;
  std::map<caf::actor_id, caf::actor_addr> actors_; // actors that have run and not terminated; some may be destroyed
};

} // namespace harpia::inline v0::detail
