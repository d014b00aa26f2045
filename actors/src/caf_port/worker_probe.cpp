// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/worker_probe.hpp"

#include <caf/ref_counted.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <cstddef>

namespace harpia::inline v0::detail {

class worker_probe::job final : public caf::resumable, public caf::ref_counted {
public:
  std::atomic<bool> is_pending = false;

  resume_result resume(caf::execution_unit*, std::size_t) override {
    is_pending = false;
    return done; // the scheduler lets go of it
  }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }
};

worker_probe::worker_probe(caf::actor_system& system) : system_{&system}, job_{caf::make_counted<job>()} {}

worker_probe::~worker_probe() = default;

void worker_probe::send() {
  job_->is_pending = true;
  job_->ref(); // the scheduler's
  system_->scheduler().enqueue(job_.get());
}

bool worker_probe::is_pending() const noexcept {
  return job_->is_pending.load();
}

} // namespace harpia::inline v0::detail
