// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/timer_wheel.hpp"
#include <harpia/calls.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace harpia::inline v0::detail {

/// The pending calls of a connection, by id. It has no clock: time is an argument, and time-outs come from the timer wheel.
class call_table {
public:
  using call = std::shared_ptr<pending_call::state>;

  /// @param timers outlives the table
  /// @param max_pending maximum number of pending calls
  /// @param on_expired gets each timed-out call after its removal from the table; it must not destroy the table
  call_table(net::timer_wheel& timers, std::size_t max_pending, std::function<void(call)> on_expired)
      : timers_{&timers}, max_pending_{max_pending}, on_expired_{std::move(on_expired)} {}

  /// Adds a call. @return its id, which the table never reuses; nothing if `max_pending` calls are pending
  [[nodiscard]] std::optional<std::uint64_t> add(call added, net::timer_wheel::clock::time_point deadline);
  /// Removes a call; null if no call with that id is pending: it never existed or is already completed.
  [[nodiscard]] call take(std::uint64_t id);
  /// Removes all calls, in the order of their `add`.
  [[nodiscard]] std::vector<call> take_all();

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

private:
  class waiting final : public net::timer {
  public:
    waiting(call_table& table, std::uint64_t id, call pending) : table_{&table}, id_{id}, call_{std::move(pending)} {}
    [[nodiscard]] call take() { return std::move(call_); }

  private:
    void on_timer() override { table_->expire(id_); } // destroys this timer

    call_table* table_;
    std::uint64_t id_;
    call call_;
  };

  void expire(std::uint64_t id) { on_expired_(take(id)); }

  net::timer_wheel* timers_;
  std::size_t max_pending_;
  std::function<void(call)> on_expired_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, waiting> waiting_; // at most max_pending_
};

} // namespace harpia::inline v0::detail
