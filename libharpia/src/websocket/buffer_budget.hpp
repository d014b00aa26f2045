// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <cstddef>

namespace harpia::inline v0::websocket {

/// The limit on the bytes that all connections of an app together may buffer for slow peers. Thread-safe.
class buffer_budget {
public:
  /// @param most limit in bytes; 0: no limit
  explicit buffer_budget(std::size_t most = 0) noexcept : most_{most} {}

  /// Records that a connection's buffered bytes changed from `from` to `to`.
  void change(std::size_t from, std::size_t to) noexcept { held_.fetch_add(to - from, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_spent() const noexcept { return most_ > 0 && held() >= most_; }

private:
  const std::size_t most_;
  std::atomic<std::size_t> held_ = 0;
};

} // namespace harpia::inline v0::websocket
