// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/app_scheduler.hpp"

#include "caf_port/app_system.hpp"

namespace harpia::inline v0::detail {

void lazy_timeout_clock::set_ordinary_timeout(time_point when, caf::abstract_actor* self, caf::atom_value type,
                                              std::uint64_t id) {
  remember(*self);
  thread_safe_actor_clock::set_ordinary_timeout(when, self, type, id);
}

void lazy_timeout_clock::set_request_timeout(time_point when, caf::abstract_actor* self, caf::message_id id) {
  remember(*self);
  thread_safe_actor_clock::set_request_timeout(when, self, id);
}

void lazy_timeout_clock::set_multi_timeout(time_point when, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) {
  remember(*self);
  thread_safe_actor_clock::set_multi_timeout(when, self, type, id);
}

void lazy_timeout_clock::cancel_timeouts(caf::abstract_actor* self) {
  {
    const std::scoped_lock lock{mutex_};
    if (known_.erase(self->id()) == 0)
      return;
  }
  thread_safe_actor_clock::cancel_timeouts(self);
}

void lazy_timeout_clock::remember(const caf::abstract_actor& self) {
  const std::scoped_lock lock{mutex_};
  known_.insert(self.id());
}

void app_scheduler::start() {
  timer_ = std::thread{[this] {
    system().thread_started();
    clock_.run_dispatch_loop();
    system().thread_terminates();
  }};
  try {
    coordinator::start();
  } catch (...) { // no more threads
    clock_.cancel_dispatch_loop();
    timer_.join();
    throw;
  }
}

void app_scheduler::stop() {
  coordinator::stop();
  clock_.cancel_dispatch_loop();
  timer_.join();
  if (const auto* own = dynamic_cast<const app_system_config*>(&system().config()))
    own->scheduler_has_stopped = true;
}

} // namespace harpia::inline v0::detail
