// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/loop_scheduler.hpp"

#include "caf_port/pinned_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#if defined(__SANITIZE_THREAD__)
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace harpia::inline v0::detail {

namespace {

// A mailbox passes a message between threads by atomics inside libcaf_core, which is not built with ThreadSanitizer. These annotations
// declare the order: everything before the enqueue of a message happens before its receiver runs.
#if defined(__SANITIZE_THREAD__)
void mark_sent(pinned_actor* to) {
  __tsan_release(to);
}
void mark_received(pinned_actor* by) {
  __tsan_acquire(by);
}
#else
void mark_sent(pinned_actor*) {}
void mark_received(pinned_actor*) {}
#endif

constexpr std::size_t max_throughput = 64; // messages of one actor before the next one runs

void resume(void* state, net::task::disposition what) {
  auto* actor = static_cast<pinned_actor*>(state);
  if (what == net::task::disposition::run) {
    actor->scheduler().before_resume();
    if (actor->resume(&actor->scheduler(), max_throughput) == caf::resumable::resume_later) {
      actor->loop().post(net::task{&resume, state});
      return;
    }
  }
  actor->intrusive_ptr_release_impl();
}

} // namespace

void loop_scheduler::exec_later(caf::resumable* job) {
  if (job->subtype() == caf::resumable::io_actor)
    loop_->post(net::task{&resume, static_cast<pinned_actor*>(job)});
  else
    system().scheduler().enqueue(job);
}

void pinned_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  mark_sent(this);
  caf::event_based_actor::enqueue(std::move(message), scheduler_);
}

caf::invoke_message_result pinned_actor::consume(caf::mailbox_element& message) {
  mark_received(this);
  return handle(message);
}

void pinned_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide)
    register_at_system();
  // Always lazy: `run_in_place` or the first message activates it.
  if (mailbox().try_block())
    return;
  caf::intrusive_ptr_add_ref(ctrl());
  scheduler_->exec_later(this);
}

} // namespace harpia::inline v0::detail
