// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/buffer_budget.hpp"
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace harpia::websocket {

/// What other threads need to know of a connection to answer for a message before its loop has seen it: the bytes on their way to
/// the loop, the bytes in its queue, and its limits.
///
/// `request`, `claim_notice` and `is_open` from any thread; everything else by the connection's loop. Threads that ask at the same
/// moment may go over the limit by one message each.
class send_quota {
public:
  /// @param budget of the app; null: there is none
  explicit send_quota(const send_limits& limits, std::shared_ptr<const buffer_budget> budget = nullptr)
      : budget_{std::move(budget)} {
    set_limits(limits);
  }

  /// Asks for `size` bytes. After `sent` or `buffered` they are on their way, and `settle` must follow. After `buffered` a drain is
  /// owed. Under `drop_oldest`, what is on its way makes room when it arrives and counts only against what else is on its way.
  send_status request(std::size_t size) noexcept {
    // First: a loop that closes and finds nothing on its way must not miss what was granted at that moment.
    const auto in_flight = in_flight_.fetch_add(size) + size;
    if (!is_open()) {
      in_flight_ -= size;
      return send_status::closed; // and a loop that has seen it must hear of it, as below
    }
    const auto total = in_flight + queued_.load();
    const auto counts = policy_.load() == on_limit::drop_oldest ? in_flight : total;
    // Under `drop_oldest` the loop makes room for it.
    const bool is_spent = budget_ && held_.load() > 0 && policy_.load() != on_limit::drop_oldest && budget_->is_spent();
    if ((counts > max_.load() && counts != size) || is_spent) {
      in_flight_ -= size;
      dropped_bytes_ += size; // first: the loop takes the number before the bytes, and without a number no bytes
      ++dropped_;
      return send_status::dropped; // and the loop must hear of it, see `claim_notice`
    }
    if (total <= high_.load())
      return send_status::sent;
    owes_drain_ = true;
    return send_status::buffered;
  }

  /// Whether the caller, who was refused, is the one to tell the loop. One is, until the loop has looked.
  [[nodiscard]] bool claim_notice() noexcept { return !noticed_.exchange(true); }

  void settle(std::size_t size) noexcept { in_flight_ -= size; }
  void set_queued(std::size_t size) noexcept { queued_.store(size); }
  /// What the kernel has left of that when it was last offered all.
  void set_held(std::size_t size) noexcept { held_.store(size); }
  void set_limits(const send_limits& limits) noexcept {
    high_ = limits.high_watermark;
    max_ = limits.max_buffered;
    policy_ = limits.on_limit;
  }
  void close() noexcept { open_ = false; }

  [[nodiscard]] bool is_open() const noexcept { return open_.load(); }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.load(); }
  [[nodiscard]] std::size_t queued() const noexcept { return queued_.load(); }
  [[nodiscard]] on_limit policy() const noexcept { return policy_.load(); }
  [[nodiscard]] bool take_owed_drain() noexcept { return owes_drain_.load() && owes_drain_.exchange(false); }
  [[nodiscard]] std::size_t take_dropped() noexcept {
    if (!noticed_.load())
      return 0;
    noticed_ = false;
    return dropped_.exchange(0);
  }
  [[nodiscard]] std::size_t take_dropped_bytes() noexcept { return dropped_bytes_.exchange(0); }

private:
  const std::shared_ptr<const buffer_budget> budget_;
  std::atomic<std::size_t> in_flight_ = 0;
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<std::size_t> held_ = 0;
  std::atomic<std::size_t> dropped_ = 0;
  std::atomic<std::size_t> dropped_bytes_ = 0;
  std::atomic<std::size_t> high_ = 0;
  std::atomic<std::size_t> max_ = 0;
  std::atomic<on_limit> policy_ = on_limit::drop_newest;
  std::atomic<bool> noticed_ = false; // somebody was refused since the loop looked
  std::atomic<bool> owes_drain_ = false;
  std::atomic<bool> open_ = true;
};

} // namespace harpia::websocket
