// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "loop_scheduler.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace harpia::detail {

namespace {

constexpr std::size_t max_throughput = 64; // messages of one actor before the next has its turn

void resume(void* state, transport::task::fate what) {
  auto* actor = static_cast<pinned_actor*>(state);
  if (what == transport::task::fate::run) {
    actor->home().before_resume();
    if (actor->resume(&actor->home(), max_throughput) == caf::resumable::resume_later) {
      actor->loop().post(transport::task{&resume, state});
      return;
    }
  }
  actor->intrusive_ptr_release_impl();
}

} // namespace

void loop_scheduler::exec_later(caf::resumable* job) {
  if (job->subtype() == caf::resumable::io_actor)
    loop_->post(transport::task{&resume, static_cast<pinned_actor*>(job)});
  else
    system().scheduler().enqueue(job);
}

void pinned_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(message), home_);
}

void pinned_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide)
    register_at_system();
  // Always lazy: the loop activates it in place, or its first message does.
  if (mailbox().try_block())
    return;
  caf::intrusive_ptr_add_ref(ctrl());
  home_->exec_later(this);
}

} // namespace harpia::detail
