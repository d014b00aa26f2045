// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace harpia::test {

/// How long tests wait for what must happen. Reached by broken code only.
inline constexpr std::chrono::seconds time_limit{10};

/// Gives other threads time until `condition` holds. @return whether it does
inline bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit = time_limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) { // not asked any more once it held: it may have taken something
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// A close code as it is written into a log.
inline std::string number(close_code code) {
  return std::to_string(static_cast<int>(code));
}

/// Lines that other threads write and a test waits for. Thread-safe.
class event_log {
public:
  void add(std::string line) {
    const std::scoped_lock lock{mutex_};
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  /// Waits until `count` lines begin with `begin`. @throws std::runtime_error with all lines if they do not come in time
  void wait_for(std::string_view begin, std::size_t count = 1) {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, time_limit, [&] { return count_lines(begin) >= count; }))
      return;
    auto what = "waited in vain for '" + std::string{begin} + "', got:";
    for (const auto& line : lines_)
      what.append("\n  ").append(line.substr(0, 200));
    throw std::runtime_error{what};
  }

  [[nodiscard]] std::size_t count(std::string_view begin) const {
    const std::scoped_lock lock{mutex_};
    return count_lines(begin);
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock{mutex_};
    return lines_;
  }

private:
  [[nodiscard]] std::size_t count_lines(std::string_view begin) const {
    return static_cast<std::size_t>(std::ranges::count_if(lines_, [&](const auto& line) { return line.starts_with(begin); }));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_; // guarded by mutex_
};

} // namespace harpia::test
