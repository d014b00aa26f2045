// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "routes/route_set.hpp"
#include "routes/running_handler.hpp"
#include "routes/slow_handler_detector.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace harpia::detail {

/// A thread that looks at loops from time to time, and reports handlers that hold them up.
class watchdog {
public:
  /// @param loops outlive it
  /// @param limit after which a handler is reported; a quarter of it passes between two looks
  /// @param found counts the handlers that were reported, and outlives it
  watchdog(const std::vector<const running_handler*>& loops, std::shared_ptr<const route_set> routes,
           std::chrono::milliseconds limit, std::atomic<std::uint64_t>& found);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  struct watched {
    const running_handler* mark;
    slow_handler_detector detector;
    std::string name; // of the handler that was reported last
  };

  void run(std::chrono::milliseconds pause);
  void look_at(watched& loop);
  [[nodiscard]] std::string name_of(const running_handler::entry& entered) const;

  std::shared_ptr<const route_set> routes_;
  // Patterns that live as long as this, by where they are: those of clients may be gone by the time that they would be read.
  std::unordered_map<const char*, std::string_view> patterns_;
  std::vector<watched> loops_;
  std::atomic<std::uint64_t>* found_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false; // guarded by mutex_
  std::thread thread_;
};

/// What is reported of `handler`.
[[nodiscard]] std::string describe(std::string_view handler, const slow_handler_detector::finding& found);

} // namespace harpia::detail
