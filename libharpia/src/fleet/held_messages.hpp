// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/stored_message.hpp"

#include <cstddef>
#include <deque>
#include <utility>

namespace harpia::inline v0::fleet {

/// Messages of a group that wait for those before them, in the order in which they came. Bounded by count and bytes: what is over a bound
/// is refused, since history has it too.
class held_messages {
public:
  struct limits {
    std::size_t messages = 1024;
    std::size_t bytes = std::size_t{1} << 20U;
  };

  explicit held_messages(const limits& most) noexcept : most_{most} {}

  /// @return false: it is over a bound
  [[nodiscard]] bool add(const stored_message& message) {
    const auto size = message.what->size();
    if (messages_.size() >= most_.messages || size > most_.bytes - bytes_)
      return false;
    messages_.push_back(message);
    bytes_ += size;
    return true;
  }

  /// A question was asked: its answer settles what is held now.
  void mark_asked() noexcept { asked_ = messages_.size(); }

  /// Calls `judge(message, was_held_when_asked)` for each, oldest first, and forgets those for which it returns false.
  template <class Judge>
  void sift(Judge judge) {
    std::deque<stored_message> held = std::exchange(messages_, {});
    const auto asked = std::exchange(asked_, 0);
    bytes_ = 0;
    for (std::size_t i = 0; i < held.size(); ++i)
      if (judge(std::as_const(held[i]), i < asked)) {
        if (i < asked)
          ++asked_;
        bytes_ += held[i].what->size();
        messages_.push_back(std::move(held[i]));
      }
  }

  [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }

private:
  limits most_;
  std::deque<stored_message> messages_; // bounded by most_
  std::size_t bytes_ = 0;
  std::size_t asked_ = 0; // how many of them, from the oldest on, were held at the last question
};

} // namespace harpia::inline v0::fleet
