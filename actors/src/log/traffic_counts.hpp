// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace harpia::inline v0::detail {

/// A number that one thread increases and any thread reads.
class loop_counter {
public:
  void operator+=(std::uint64_t more) noexcept {
#if defined(__x86_64__)
    // What a relaxed load and store come to. GCC makes three instructions of those.
    asm("addq %1, %0" : "+m"(value_) : "er"(more));
#else
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
#endif
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Counts messages and their bytes in one direction.
class traffic_counter {
public:
  void add(std::size_t bytes) noexcept {
    messages_ += 1;
    bytes_ += bytes;
  }
  /// Counts bytes of a message that is not whole yet.
  void add_part(std::size_t bytes) noexcept { bytes_ += bytes; }
  void add_to(traffic& sum) const noexcept {
    sum.messages += messages_.value();
    sum.bytes += bytes_.value();
  }

private:
  loop_counter messages_;
  loop_counter bytes_;
};

/// The messages of one route on one loop.
struct traffic_counts {
  traffic_counter received;
  traffic_counter sent; // accepted by `send` or as a member of a group
};

/// The messages of all routes on one loop, by the pattern of the route. Its keys never change.
using loop_traffic = std::unordered_map<std::string_view, traffic_counts>;

} // namespace harpia::inline v0::detail
