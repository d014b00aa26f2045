// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/timer_wheel.hpp"

#include <algorithm>
#include <chrono>

namespace harpia::inline v0::net {

/// The time `wait` after `now`. The last time of the clock, which never comes, if that is later: a wait of any length is valid.
template <class Rep, class Period>
[[nodiscard]] constexpr timer_wheel::clock::time_point
deadline_after(timer_wheel::clock::time_point now, std::chrono::duration<Rep, Period> wait) noexcept {
  using time_point = timer_wheel::clock::time_point;
  // Compared in the unit of `wait`: its conversion to the clock's unit may overflow. So may the difference for a `now` before the epoch.
  const auto longest = std::chrono::floor<std::chrono::duration<Rep, Period>>(time_point::max() - std::max(now, time_point{}));
  return wait > longest ? time_point::max() : now + wait;
}

/// The maximum of a duration that is handed to code which adds it to a clock's time: a hundred years. The sum of two does not overflow.
inline constexpr std::chrono::milliseconds longest_wait = std::chrono::hours{24} * 36525;

[[nodiscard]] constexpr std::chrono::milliseconds at_most_longest(std::chrono::milliseconds wait) noexcept {
  return std::min(wait, longest_wait);
}

} // namespace harpia::inline v0::net
