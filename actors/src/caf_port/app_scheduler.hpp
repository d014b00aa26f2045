// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <cstdint>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace harpia::inline v0::detail {

/// CAF's clock, except that it ignores the end of an actor that never had a time-out. CAF's own clock posts an event to the clock's
/// thread for every actor that ends, to cancel its time-outs. Such an event wakes the thread for nothing. At most 64 of them are queued;
/// beyond that the thread that ends an actor blocks.
class lazy_timeout_clock final : public caf::detail::thread_safe_actor_clock {
public:
  void set_ordinary_timeout(time_point when, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void set_request_timeout(time_point when, caf::abstract_actor* self, caf::message_id id) override;
  void set_multi_timeout(time_point when, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;

private:
  void remember(const caf::abstract_actor& self);

  std::mutex mutex_;
  std::unordered_set<caf::actor_id> known_; // guarded by mutex_; live actors that had a time-out
};

/// The scheduler of an app's own actor system, with that clock. Handlers run on the loops, so its workers sleep until an actor of the
/// user has work, and do not poll.
class app_scheduler final : public caf::scheduler::coordinator<caf::policy::work_sharing> {
public:
  using caf::scheduler::coordinator<caf::policy::work_sharing>::coordinator;

  /// For `caf::actor_system_config::load`.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new app_scheduler{system};
  }

  lazy_timeout_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
  void stop() override;

private:
  lazy_timeout_clock clock_;
  std::thread timer_; // runs clock_; the base class also has a clock thread, which stays idle
};

} // namespace harpia::inline v0::detail
