// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/kit_scheduler.hpp"

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>

#include <utility>

namespace harpia::inline v0::detail {

namespace {

// Kills an actor at once. A `kill` message would be handled after the messages before it.
void end(caf::scheduled_actor& actor) {
  actor.context(nullptr); // the execution unit of its last run is destroyed
  actor.quit(caf::exit_reason::kill);
  actor.finalize();
}

} // namespace

void kit_scheduler::choose(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
}

kit_scheduler::kit_scheduler(caf::actor_system& system)
    : scheduler_{&dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())} {}

std::size_t kit_scheduler::jobs() const noexcept {
  return scheduler_->jobs.size();
}

bool kit_scheduler::run_job(std::size_t number) {
  auto& jobs = scheduler_->jobs;
  if (number >= jobs.size())
    return false;
  std::swap(jobs[number], jobs.front());
  auto* actor = dynamic_cast<caf::scheduled_actor*>(jobs.front());
  const caf::strong_actor_ptr alive{actor ? actor->ctrl() : nullptr}; // keeps it alive after its last message
  scheduler_->try_run_once();
  if (actor) {
    if (actor->getf(caf::abstract_actor::is_cleaned_up_flag))
      actors_.erase(actor->id());
    else
      actors_.try_emplace(actor->id(), actor->address());
  }
  return true;
}

kit_scheduler::time_point kit_scheduler::now() const noexcept {
  return scheduler_->clock().now();
}

std::optional<kit_scheduler::time_point> kit_scheduler::next_due() const {
  const auto& schedule = scheduler_->clock().schedule();
  return schedule.empty() ? std::nullopt : std::optional{schedule.begin()->first};
}

void kit_scheduler::advance_to(time_point time) {
  scheduler_->clock().advance_time(time - now());
}

// Ending one job may create others. CAF's own `cleanup_and_release` would keep a reference to each actor that is notified of an end.
void kit_scheduler::drop_jobs() {
  scheduler_->clock().cancel_all();
  while (scheduler_->has_job()) {
    auto* job = scheduler_->jobs.front();
    scheduler_->jobs.pop_front();
    if (auto* actor = dynamic_cast<caf::scheduled_actor*>(job))
      end(*actor);
    job->intrusive_ptr_release_impl();
  }
}

void kit_scheduler::end_actors() {
  for (const auto& [id, address] : std::exchange(actors_, {}))
    if (const auto actor = caf::actor_cast<caf::strong_actor_ptr>(address))
      end(static_cast<caf::scheduled_actor&>(*actor->get()));
  drop_jobs();
}

} // namespace harpia::inline v0::detail
