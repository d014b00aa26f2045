// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace harpia::inline v0::detail {

/// The pattern for functions of the app that belong to no route.
inline constexpr const char* app_pattern = "*";

/// The handler that a loop is running, readable by other threads. Marking it costs the loop a few plain stores: no clock, no lock.
class running_handler {
public:
  /// An entry into a handler. This class does not dereference the pointers.
  struct entry {
    std::uint64_t number; // unique
    const char* handler;
    const char* pattern;
  };

  /// Marks a handler for its own lifetime. Its destructor marks the outer handler again, as a new entry. On the loop's thread.
  class scope {
  public:
    scope(running_handler& mark, const char* handler, const char* pattern) noexcept : mark_{&mark} {
      if (mark.is_running()) [[unlikely]] {
        outer_ = {mark.number_.load(std::memory_order_relaxed), mark.handler_.load(std::memory_order_relaxed),
                  mark.pattern_.load(std::memory_order_relaxed)};
        mark.leave();
      }
      mark.enter(handler, pattern);
    }
    ~scope() {
      mark_->leave();
      if (outer_.number != 0) [[unlikely]]
        mark_->enter(outer_.handler, outer_.pattern);
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

  private:
    running_handler* mark_;
    entry outer_{}; // number 0 if there is none
  };

  /// The current entry; nothing if the loop is in no handler, or is entering or leaving one. From any thread.
  [[nodiscard]] std::optional<entry> current() const noexcept {
    const auto number = number_.load(std::memory_order_acquire);
    const entry result{number, handler_.load(std::memory_order_acquire), pattern_.load(std::memory_order_acquire)};
    if (number == 0 || number_.load(std::memory_order_relaxed) != number)
      return std::nullopt;
    return result;
  }

private:
  [[nodiscard]] bool is_running() const noexcept { return number_.load(std::memory_order_relaxed) != 0; }
  // Each store with release, and `number_` is 0 before the names change: a reader that sees a name of this entry also sees that the number
  // changed, and discards it.
  void enter(const char* handler, const char* pattern) noexcept {
    handler_.store(handler, std::memory_order_release);
    pattern_.store(pattern, std::memory_order_release);
    number_.store(++entries_, std::memory_order_release);
  }
  void leave() noexcept { number_.store(0, std::memory_order_release); }

  std::atomic<std::uint64_t> number_ = 0; // 0: the loop is in no handler
  std::atomic<const char*> handler_ = nullptr;
  std::atomic<const char*> pattern_ = nullptr;
  std::uint64_t entries_ = 0;
};

} // namespace harpia::inline v0::detail
