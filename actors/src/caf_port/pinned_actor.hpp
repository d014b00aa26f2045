// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/loop_scheduler.hpp"

#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace harpia::inline v0::detail {

/// An actor that runs on one event loop and never elsewhere, as CAF's brokers do on theirs.
class pinned_actor : public caf::event_based_actor {
public:
  pinned_actor(caf::actor_config& config, loop_scheduler& scheduler) : caf::event_based_actor{config}, scheduler_{&scheduler} {}

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override;
  void launch(caf::execution_unit*, bool lazy, bool hide) override;
  using caf::event_based_actor::consume;
  caf::invoke_message_result consume(caf::mailbox_element& message) final;
  /// Marks it for `loop_scheduler`. In CAF `io_actor` is an actor that an I/O loop runs.
  subtype_t subtype() const override { return caf::resumable::io_actor; }

  [[nodiscard]] loop_scheduler& scheduler() const noexcept { return *scheduler_; }
  [[nodiscard]] net::event_loop& loop() const noexcept { return scheduler_->loop(); }

  /// Runs `work` in the actor's context as a message handler would, without a message: no mailbox, no allocation, no other thread.
  /// Requests that it makes get their responses as usual. A terminated actor still runs it. On the loop's thread only.
  ///
  /// Does what `activate` and `finalize` of CAF do, but their calls only if they have something to do.
  /// *Lifetimes*: The caller, or the actor itself, holds a reference to the actor until this returns.
  template <class Function>
  void run_in_place(Function work) {
    constexpr auto relevant = is_initialized_flag | is_terminated_flag | is_cleaned_up_flag;
    if ((flags() & relevant) == is_initialized_flag && alive()) [[likely]]
      context(scheduler_);
    else if (!getf(is_cleaned_up_flag) && !activate(scheduler_))
      return;
    work();
    bhvr_stack_.cleanup();
    if (bhvr_stack_.empty()) // otherwise it is alive
      finalize();
  }

protected:
  /// The exit reason that `take_exit_reason` returns. Set by exit handlers.
  void set_exit_reason(caf::error reason) { fail_state_ = std::move(reason); }
  [[nodiscard]] caf::error take_exit_reason() { return std::exchange(fail_state_, {}); }

  /// Handles a message of the mailbox.
  virtual caf::invoke_message_result handle(caf::mailbox_element& message) { return caf::event_based_actor::consume(message); }

private:
  loop_scheduler* scheduler_;
};

} // namespace harpia::inline v0::detail
