// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/buffer_budget.hpp"
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace harpia::inline v0::websocket {

/// A connection's state that lets other threads accept a message before its loop has seen it: the bytes in flight to the loop, the
/// bytes in its queue, and its limits.
///
/// Any thread may call `request`, `claim_notice` and `is_open`; only the connection's loop may call the others. Concurrent requests may
/// exceed the limit by one message each.
class send_quota {
public:
  /// @param budget the app's; null: no limit
  explicit send_quota(const send_limits& limits, std::shared_ptr<const buffer_budget> budget = nullptr)
      : budget_{std::move(budget)} {
    set_limits(limits);
  }

  /// Requests `size` bytes. After `sent` or `buffered` they are in flight, and `settle` must follow. After `buffered` a drain is owed.
  /// Under `drop_oldest`, only the bytes in flight count against the limit: the loop makes room for them when they arrive.
  send_status request(std::size_t size) noexcept {
    // First: a loop that closes and finds nothing in flight must not miss bytes that are granted at that moment.
    const auto in_flight = in_flight_.fetch_add(size) + size;
    if (!is_open()) {
      in_flight_ -= size;
      return send_status::closed; // the loop may have seen the bytes: notify it, as below
    }
    const auto total = in_flight + queued_.load();
    const auto counts = policy_.load() == on_limit::drop_oldest ? in_flight : total;
    // Under `drop_oldest` the loop makes room.
    const bool is_spent = budget_ && held_.load() > 0 && policy_.load() != on_limit::drop_oldest && budget_->is_spent();
    if ((counts > max_.load() && counts != size) || is_spent) {
      in_flight_ -= size;
      dropped_bytes_ += size; // first: the loop reads `dropped_` before the bytes, and no bytes if it is 0
      ++dropped_;
      return send_status::dropped; // the loop must be notified, see `claim_notice`
    }
    if (total <= high_.load())
      return send_status::sent;
    owes_drain_ = true;
    return send_status::buffered;
  }

  /// Whether the caller, whose request was refused, must notify the loop. True for one caller until the loop has handled it.
  [[nodiscard]] bool claim_notice() noexcept { return !noticed_.exchange(true); }

  void settle(std::size_t size) noexcept { in_flight_ -= size; }
  void set_queued(std::size_t size) noexcept { queued_.store(size); }
  /// Sets the bytes that the kernel did not take when it was last offered all queued bytes.
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
  [[nodiscard]] bool owes_drain() const noexcept { return owes_drain_.load(); }
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
  std::atomic<bool> noticed_ = false; // a request was refused and the loop has not handled it yet
  std::atomic<bool> owes_drain_ = false;
  std::atomic<bool> open_ = true;
};

} // namespace harpia::inline v0::websocket
