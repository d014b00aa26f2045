// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace harpia::inline v0::detail {

/// Counts messages and their bytes in one direction. One thread adds, any thread reads: there is no locked instruction on a message's way.
class traffic_counter {
public:
  void add(std::size_t bytes) noexcept {
    add_part(bytes);
    messages_.store(messages_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// Counts bytes of a message that is not whole yet.
  void add_part(std::size_t bytes) noexcept {
    bytes_.store(bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
  void add_to(traffic& sum) const noexcept {
    sum.messages += messages_.load(std::memory_order_relaxed);
    sum.bytes += bytes_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> messages_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
};

/// The messages of one route on one loop.
struct traffic_counts {
  traffic_counter received;
  traffic_counter sent; // accepted by `send` or as a member of a group
};

/// The messages of all routes on one loop, by the pattern of the route. Its keys never change.
using loop_traffic = std::unordered_map<std::string_view, traffic_counts>;

} // namespace harpia::inline v0::detail
