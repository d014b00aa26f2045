// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/harpia.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace ticker {

/// Milliseconds since 1970.
std::int64_t now();

/// A client that connects to its own server and reads 100 KiB a second at most. What it got it publishes to the group "slow".
/// The app must outlive it.
class slow_reader {
public:
  explicit slow_reader(harpia::app& app);

  /// Starts or stops reading. From any thread.
  void run(bool wanted) noexcept { wanted_ = wanted; }

private:
  struct counts {
    std::uint64_t received = 0;
    std::uint64_t skipped = 0; // the numbers that are missing
    std::uint64_t newest = 0;
  };

  void loop(const std::stop_token& stop);
  void connect();
  void disconnect();
  void read();
  void take(std::string_view message);
  void report();

  harpia::app& app_;
  harpia::group reports_;
  int socket_ = -1;
  std::string unread_; // bytes after the last whole frame
  std::map<std::string, counts> by_symbol_;
  std::int64_t lag_ = 0;
  std::atomic<bool> wanted_ = false;
  std::jthread thread_;
};

} // namespace ticker
