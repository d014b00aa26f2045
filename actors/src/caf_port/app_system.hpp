// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "log/logger.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <functional>
#include <memory>

namespace harpia::inline v0::detail {

/// The settings of an app's own actor system.
class app_system_config final : public caf::actor_system_config {
public:
  /// Set when the scheduler's threads have ended, which is nearly the last that a system does.
  mutable std::atomic<bool> scheduler_has_stopped = false;
};

/// The actor system of an app, with `app_scheduler`.
class app_system {
public:
  /// @param configure changes the settings before the system is made
  explicit app_system(const std::function<void(caf::actor_system_config&)>& configure);
  /// Ends the system, whatever thread made it.
  ///
  /// CAF 0.17 waits in the end for every thread that has spawned an actor in the system to end or to use another system: it refers to the
  /// system's logger. A thread of the program may not do so. Such a wait is given up, with a record in the log.
  static void end(std::unique_ptr<app_system> owned, const std::shared_ptr<const logger>& log);

  [[nodiscard]] caf::actor_system& get() noexcept { return *system_; }

private:
  app_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

} // namespace harpia::inline v0::detail
