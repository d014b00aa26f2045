// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace harpia::inline v0::net {

namespace detail {

/// Node of a circular doubly linked list; linked with itself while it is in none.
struct timer_link {
  timer_link* prev = this;
  timer_link* next = this;

  timer_link() noexcept = default;
  timer_link(const timer_link&) = delete;
  timer_link& operator=(const timer_link&) = delete;

  [[nodiscard]] bool alone() const noexcept { return next == this; }
  void unlink() noexcept;
  void link_before(timer_link& position) noexcept;
};

} // namespace detail

class timer_wheel;

/// Base class of objects that are called once at a deadline. The wheel links it and never owns it.
///
/// The destructor cancels the timer. Timer and wheel may be destroyed in any order, on one thread.
class timer : private detail::timer_link {
public:
  timer() noexcept = default;
  virtual ~timer() { unlink(); }

  /// Whether a call is due in the future. False already while `on_timer` runs.
  [[nodiscard]] bool scheduled() const noexcept { return !alone(); }

private:
  friend timer_wheel;

  /// Called by `timer_wheel::advance`. May schedule, cancel and destroy this timer and any other; must not destroy the wheel.
  /// If it throws, the exception leaves `advance`; the other due timers fire in the next call.
  virtual void on_timer() = 0;

  std::uint64_t tick_ = 0; // the tick it is due at, counted from the wheel's start; valid while linked
};

static_assert(sizeof(timer) <= 32, "every connection pays for its timer");

/// A hashed timing wheel: deadlines for many connections, at the cost of one list operation each.
///
/// Has no clock and no thread: time is an argument, and the owner calls `advance` at the time that `next` returns. Deadlines are
/// rounded up to the resolution, counted from the start. Not thread-safe; a wheel belongs to one event loop. Never allocates.
class timer_wheel {
public:
  using clock = std::chrono::steady_clock;

  /// A timer never fires before its deadline. It fires less than this after it if `advance` is called in time. A timer whose deadline
  /// has already passed when it is scheduled fires at the next multiple.
  static constexpr std::chrono::milliseconds resolution{100};
  /// One turn of the wheel is 51.2 s. A timer with a later deadline stays in its slot for several turns.
  static constexpr std::size_t slot_count = 512;

  explicit timer_wheel(clock::time_point start) noexcept : start_{start} {}
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;
  /// Cancels every timer.
  ~timer_wheel();

  /// Calls `timer` once when `deadline` has passed. Replaces an earlier deadline.
  void schedule(timer& timer, clock::time_point deadline) noexcept;

  /// Cancels `timer`. Does nothing if it is not scheduled.
  void cancel(timer& timer) noexcept { timer.unlink(); }

  /// Calls every timer that is due at `now`, in no particular order. Timers that are scheduled meanwhile fire in a later call.
  /// Visits each slot at most once, however long ago the last call was. Does nothing if `now` is before that of the last call.
  void advance(clock::time_point now);

  /// When to call `advance` next; nothing if no timer is scheduled. Never later than the first deadline. It may be earlier if deadlines
  /// are more than a turn away: that call fires no timer. Reads a few words, so a loop can call it every turn.
  [[nodiscard]] HARPIA_KIT_API std::optional<clock::time_point> next() const noexcept;

  [[nodiscard]] bool empty() const noexcept { return !next().has_value(); }

  /// The number of scheduled timers. Linear, since timers unlink themselves: for tests and statistics.
  [[nodiscard]] std::size_t size() const noexcept;

private:
  using link = detail::timer_link;

  [[nodiscard]] clock::time_point time_of(std::uint64_t tick) const noexcept;
  void collect(std::size_t slot) noexcept;

  clock::time_point start_;
  std::uint64_t current_ = 0;                                // every tick up to this one has been handled
  link due_;                                                 // collected, about to fire
  std::array<link, slot_count> slots_;                       // sentinels; a timer is in slot tick % slot_count
  std::array<std::uint64_t, slot_count / 64> occupied_ = {}; // one bit per slot; 0: empty, 1: possibly not empty
};

} // namespace harpia::inline v0::net
