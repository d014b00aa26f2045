// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <chrono>

namespace harpia::detail {

/// The maximum of a time-out, a year. Adding it to a clock's time does not overflow.
inline constexpr std::chrono::milliseconds longest_wait = std::chrono::hours{24} * 365;

[[nodiscard]] constexpr std::chrono::milliseconds at_most_longest(std::chrono::milliseconds wait) noexcept {
  return std::min(wait, longest_wait);
}

} // namespace harpia::detail
