// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/deadline.hpp"
#include "net/event_loop.hpp"
#include "net/timer_wheel.hpp"
#include <harpia/socket.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace harpia::inline v0::detail {

/// The timers that a program has started on a connection. On its loop's thread.
class connection_timers {
public:
  /// @param run calls a function as an event of the connection
  connection_timers(net::event_loop& loop, std::function<void(const timer_function&)> run) : loop_{&loop}, run_{std::move(run)} {}

  /// @param period 0: it is called once
  timer_id start(std::chrono::milliseconds delay, std::chrono::milliseconds period, timer_function function) {
    const timer_id id{++last_};
    auto& made = *timers_.emplace(id, std::make_unique<one>(*this, id, period, std::move(function))).first->second;
    loop_->timers().schedule(made, net::deadline_after(loop_->current_time(), delay));
    return id;
  }
  bool cancel(timer_id which) { return timers_.erase(which) > 0; }
  void cancel_all() noexcept { timers_.clear(); }

private:
  class one final : public net::timer {
  public:
    one(connection_timers& owner, timer_id id, std::chrono::milliseconds period, timer_function function)
        : owner_{&owner}, id_{id}, period_{period}, function_{std::move(function)} {}

  private:
    // The function may cancel this timer, or end the connection with all of them.
    void on_timer() override {
      const auto& owner = *owner_;
      const auto function = function_;
      const auto run = owner.run_;
      if (period_.count() > 0)
        owner.loop_->timers().schedule(*this, net::deadline_after(owner.loop_->current_time(), period_));
      else
        owner_->timers_.erase(id_); // destroys this timer
      run(function);
    }

    connection_timers* owner_;
    timer_id id_;
    std::chrono::milliseconds period_;
    timer_function function_;
  };

  net::event_loop* loop_;
  std::function<void(const timer_function&)> run_;
  std::uint64_t last_ = 0;
  std::map<timer_id, std::unique_ptr<one>> timers_;
};

} // namespace harpia::inline v0::detail
