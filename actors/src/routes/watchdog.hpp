// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "log/logger.hpp"
#include "routes/route_set.hpp"
#include "routes/running_handler.hpp"
#include "routes/slow_handler_detector.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace harpia::inline v0::detail {

/// A thread that samples loops, and reports handlers that block them. Beside that it reports if the threads that run the program's other
/// actors do not get to them.
class watchdog {
public:
  /// How it finds out about those threads: by a job that they run.
  struct worker_job {
    std::function<void()> submit;
    std::function<bool()> is_pending;
  };

  /// @param loops outlive the watchdog
  /// @param limit running time after which a handler is reported; the sampling interval is a quarter of it
  /// @param reports counts reports of handlers; outlives the watchdog, as does `log`
  watchdog(const std::vector<const running_handler*>& loops, std::shared_ptr<const route_set> routes,
           std::chrono::milliseconds limit, std::atomic<std::uint64_t>& reports, const logger& log, worker_job workers);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  struct watched {
    const running_handler* mark;
    slow_handler_detector detector;
    std::string name; // of the last reported handler
  };

  void run(std::chrono::milliseconds pause);
  void sample(watched& loop);
  void sample_workers();
  [[nodiscard]] std::string name_of(const running_handler::entry& entered) const;

  std::shared_ptr<const route_set> routes_;
  // Patterns of routes_, by address. The pattern of a client's route may be destroyed before it is read, so it is not dereferenced.
  std::unordered_map<const char*, std::string_view> patterns_;
  std::vector<watched> loops_;
  std::atomic<std::uint64_t>* reports_;
  const logger* log_;
  const worker_job worker_job_;
  const std::chrono::milliseconds worker_pause_; // between two jobs
  slow_handler_detector workers_;
  std::uint64_t jobs_ = 0;
  slow_handler_detector::clock::time_point last_job_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false; // guarded by mutex_
  std::thread thread_;
};

/// The log line about `handler`.
[[nodiscard]] std::string describe_workers(const slow_handler_detector::finding& found);
[[nodiscard]] std::string describe(std::string_view handler, const slow_handler_detector::finding& found);

} // namespace harpia::inline v0::detail
