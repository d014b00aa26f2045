// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/deadline.hpp"
#include <harpia/client_options.hpp>

#include <algorithm>
#include <chrono>

namespace harpia::inline v0::detail {

/// Computes the delay before the next attempt, see `reconnect_options`. It has no clock and no random numbers of its own.
class backoff {
public:
  using milliseconds = std::chrono::milliseconds;

  explicit backoff(const reconnect_options& options) noexcept : options_{options} {
    // A double that holds a longer time cannot be converted back.
    options_.initial = net::at_most_longest(options_.initial);
    options_.max = net::at_most_longest(options_.max);
    due_ = options_.initial;
  }

  /// @param random from 0 to 1
  [[nodiscard]] milliseconds next(double random) noexcept {
    const auto whole = static_cast<double>(std::min(due_, options_.max).count());
    due_ = milliseconds{
        static_cast<milliseconds::rep>(std::min(whole * options_.factor, static_cast<double>(options_.max.count())))};
    return milliseconds{static_cast<milliseconds::rep>(whole * (1 - options_.jitter * random))};
  }

  /// Reports how long a connection was open.
  void was_open(std::chrono::steady_clock::duration time) noexcept {
    if (time > due_)
      due_ = options_.initial;
  }

private:
  reconnect_options options_;
  milliseconds due_{};
};

} // namespace harpia::inline v0::detail
