// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/stored_message.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace harpia::inline v0::fleet {

/// Proves that a node hears what the engine says. From time to time the node publishes a line on its connection for commands and must hear
/// it on its subscription. An engine writes to a subscriber in order, so hearing the line proves that everything before it was heard. A
/// ping and its answer would not prove that: the engine answers it although nothing is subscribed.
///
/// Lines have numbers, which are not used again after a new start: a line of an earlier connection proves nothing. Not thread-safe.
class fence {
public:
  struct options {
    std::chrono::milliseconds every = std::chrono::seconds{1};  ///< from one line to the next
    std::chrono::milliseconds within = std::chrono::seconds{2}; ///< in which a line must be heard
  };

  enum class state : std::uint8_t {
    off,     ///< not connected
    waiting, ///< connected; no line has been heard yet
    green,   ///< a line has been heard, and each later one has time yet
    late,    ///< a line was not heard in time: the connections are to be given up
  };

  fence() : fence{options{}} {}
  explicit fence(const options& when) noexcept : options_{when} {}

  /// Both connections are there. The first line is due at once.
  void start(time_point now) noexcept {
    heard_ = sent_;
    unheard_.clear();
    next_due_ = now;
    state_ = state::waiting;
  }
  void stop() noexcept {
    state_ = state::off;
    unheard_.clear();
  }

  /// @return the number of the line to publish, if one is due now
  [[nodiscard]] std::optional<std::uint64_t> take_line(time_point now) noexcept {
    if (!is_on() || now < next_due_)
      return std::nullopt;
    unheard_.push_back(now);
    next_due_ = now + options_.every;
    return ++sent_;
  }
  /// The line with this number was heard on the subscription.
  void hear(std::uint64_t number) noexcept {
    if (!is_on() || number <= heard_ || number > sent_)
      return;
    unheard_.erase(unheard_.begin(), unheard_.begin() + static_cast<std::ptrdiff_t>(number - heard_));
    heard_ = number;
    state_ = state::green;
  }
  /// Looks whether a line is late.
  state check(time_point now) noexcept {
    if (is_on() && !unheard_.empty() && now >= unheard_.front() + options_.within)
      state_ = state::late;
    return state_;
  }

  [[nodiscard]] state is() const noexcept { return state_; }
  /// When `take_line` or `check` has something new; `time_point::max()`: never.
  [[nodiscard]] time_point due() const noexcept {
    if (!is_on())
      return time_point::max();
    return unheard_.empty() ? next_due_ : std::min(next_due_, unheard_.front() + options_.within);
  }

private:
  [[nodiscard]] bool is_on() const noexcept { return state_ == state::waiting || state_ == state::green; }

  options options_;
  time_point next_due_{};
  std::deque<time_point> unheard_; // when each line left that is still to be heard; bounded by within / every + 1
  std::uint64_t sent_ = 0;
  std::uint64_t heard_ = 0;
  state state_ = state::off;
};

} // namespace harpia::inline v0::fleet
