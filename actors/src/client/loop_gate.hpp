// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace harpia::inline v0::detail {

/// Lets other threads run functions on an object's loop, until the object closes the gate.
class loop_gate : public std::enable_shared_from_this<loop_gate> {
public:
  explicit loop_gate(net::event_loop& loop) noexcept : loop_{&loop} {}

  /// Runs `work` on the loop, unless the gate is closed before. From any thread.
  template <class Function>
  void post(Function work) {
    const std::scoped_lock lock{mutex_};
    if (loop_)
      loop_->post([self = shared_from_this(), work = std::move(work)]() mutable {
        if (self->loop_) // only this thread closes it
          work();
      });
  }

  /// On the loop's thread. Functions that were posted before do not run any more.
  void close() noexcept {
    const std::scoped_lock lock{mutex_};
    loop_ = nullptr;
  }

private:
  std::mutex mutex_; // guards loop_, but for reading on its thread
  net::event_loop* loop_;
};

} // namespace harpia::inline v0::detail
