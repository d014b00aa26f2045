// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "histogram.hpp"
#include "worker.hpp"

#include <atomic>
#include <limits>
#include <span>

namespace load {

/// When the figures count, in nanoseconds of the steady clock; set by the thread that conducts a run, read by the others.
struct measured_window {
  std::atomic<std::int64_t> from{std::numeric_limits<std::int64_t>::max()};
  std::atomic<std::int64_t> to{std::numeric_limits<std::int64_t>::max()};

  [[nodiscard]] bool holds(std::int64_t time) const {
    return time >= from.load(std::memory_order_relaxed) && time < to.load(std::memory_order_relaxed);
  }
};

/// What the clients of one thread do. Its functions run on that thread, except those that say otherwise.
class traffic : public connection_events {
public:
  /// How many clients to open before the traffic begins.
  [[nodiscard]] virtual std::size_t clients() const = 0;
  /// All clients are open; the traffic begins.
  virtual void begin(worker& clients) = 0;
  /// After each turn of the loop; returns for how long the next may wait. `sending` becomes false at the end of the run.
  virtual nanoseconds turn_ended(worker& clients, bool sending) = 0;
  /// Messages that have been sent and not come back.
  [[nodiscard]] virtual std::size_t outstanding() const = 0;

  /// So far; any thread.
  [[nodiscard]] std::uint64_t messages() const { return messages_.load(std::memory_order_relaxed); }
  /// Of the measured window, where the traffic takes times; once the thread has ended.
  [[nodiscard]] const histogram& latencies() const { return latencies_; }

protected:
  // One thread writes, so no locked instruction is needed.
  void count_message() { messages_.store(messages_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  histogram latencies_;

private:
  alignas(64) std::atomic<std::uint64_t> messages_{0};
};

} // namespace load
