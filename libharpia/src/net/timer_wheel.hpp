// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace harpia::net {

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

/// Something that wants to be called once at a deadline. Base class; the wheel links it and never owns it.
///
/// Its destructor takes it off the wheel. Timer and wheel may be destroyed in any order, on one thread.
class timer : private detail::timer_link {
public:
  timer() noexcept = default;
  virtual ~timer() { unlink(); }

  /// Whether a call is due in the future. False already while `on_timer` runs.
  [[nodiscard]] bool scheduled() const noexcept { return !alone(); }

private:
  friend timer_wheel;

  /// Called by `timer_wheel::advance`. May schedule, cancel and destroy this timer and any other; must not destroy the wheel.
  /// If it throws, the exception leaves `advance`, and the timers that were due as well fire in the next call.
  virtual void on_timer() = 0;

  std::uint64_t tick_ = 0; // when it is due, counted from the start of its wheel; valid while linked
};

static_assert(sizeof(timer) <= 32, "every connection pays for its timer");

/// A hashed timing wheel: deadlines for many connections, at the price of a list operation each.
///
/// Has no clock and no thread: time comes in as an argument, and the owner calls `advance` when `next` says so. Deadlines are
/// rounded up to the resolution, counted from the start. Not thread-safe; a wheel belongs to one event loop. Nothing allocates.
class timer_wheel {
public:
  using clock = std::chrono::steady_clock;

  /// A timer fires at its deadline at the earliest, and less than this after it if `advance` is called in time. One whose deadline
  /// has passed already when it is scheduled fires at the next multiple.
  static constexpr std::chrono::milliseconds resolution{100};
  /// One turn is 51.2 s. A later deadline waits in its slot until its turn has come.
  static constexpr std::size_t slot_count = 512;

  explicit timer_wheel(clock::time_point start) noexcept : start_{start} {}
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;
  /// Takes every timer off without calling it.
  ~timer_wheel();

  /// Calls `timer` once when `deadline` has passed; replaces its earlier deadline, if it had one.
  void schedule(timer& timer, clock::time_point deadline) noexcept;

  /// Takes `timer` off; nothing happens if it is on no wheel.
  void cancel(timer& timer) noexcept { timer.unlink(); }

  /// Calls every timer that is due at `now`, in no particular order. Those that are scheduled meanwhile wait for a later call.
  /// Looks at each slot at most once, however long the last call is past. A `now` before that of the last call changes nothing.
  void advance(clock::time_point now);

  /// When to call `advance` next, nothing if no timer is scheduled. Never later than a timer is due, but with deadlines more than a
  /// turn away it may be earlier: then that call fires none. Reads a few words; meant for every turn of a loop.
  [[nodiscard]] HARPIA_KIT_API std::optional<clock::time_point> next() const noexcept;

  [[nodiscard]] bool empty() const noexcept { return !next().has_value(); }

  /// How many timers are scheduled. Counts them, as a timer that unlinks itself tells nobody: for tests and statistics.
  [[nodiscard]] std::size_t size() const noexcept;

private:
  using link = detail::timer_link;

  [[nodiscard]] clock::time_point time_of(std::uint64_t tick) const noexcept;
  void collect(std::size_t slot) noexcept;

  clock::time_point start_;
  std::uint64_t current_ = 0;                                // every tick up to this one was served
  link due_;                                                 // collected, about to fire
  std::array<link, slot_count> slots_;                       // sentinels; a timer is in slot tick % slot_count
  std::array<std::uint64_t, slot_count / 64> occupied_ = {}; // one bit per slot; 0: certainly empty, 1: look
};

} // namespace harpia::net
