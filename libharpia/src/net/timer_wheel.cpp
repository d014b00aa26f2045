// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace harpia::inline v0::net {

namespace {

constexpr std::size_t word_bits = 64;
constexpr timer_wheel::clock::duration tick_length = timer_wheel::resolution;

std::uint64_t ticks_begun(timer_wheel::clock::duration elapsed) noexcept {
  return elapsed <= elapsed.zero() ? 0 : static_cast<std::uint64_t>(elapsed / tick_length);
}

std::uint64_t ticks_rounded_up(timer_wheel::clock::duration elapsed) noexcept {
  const bool between_ticks = elapsed > elapsed.zero() && elapsed % tick_length != elapsed.zero();
  return ticks_begun(elapsed) + (between_ticks ? 1 : 0);
}

} // namespace

void detail::timer_link::unlink() noexcept {
  prev->next = next;
  next->prev = prev;
  prev = next = this;
}

void detail::timer_link::link_before(timer_link& position) noexcept {
  prev = position.prev;
  next = &position;
  prev->next = this;
  next->prev = this;
}

timer_wheel::~timer_wheel() {
  while (!due_.alone())
    due_.next->unlink();
  for (auto& slot : slots_)
    while (!slot.alone())
      slot.next->unlink();
}

void timer_wheel::schedule(timer& timer, clock::time_point deadline) noexcept {
  timer.unlink();
  // Compared first, so that time_point::min() does not overflow.
  const auto tick = deadline <= start_ ? 0 : ticks_rounded_up(deadline - start_);
  timer.tick_ = std::max(tick, current_ + 1);
  const auto slot = timer.tick_ % slot_count;
  timer.link_before(slots_[slot]);
  occupied_[slot / word_bits] |= std::uint64_t{1} << slot % word_bits;
}

void timer_wheel::advance(clock::time_point now) {
  const auto target = now <= start_ ? 0 : ticks_begun(now - start_);
  if (target > current_) {
    const auto first = current_ + 1;
    const auto count = std::min<std::uint64_t>(target - current_, slot_count);
    current_ = target;
    for (std::uint64_t i = 0; i < count; ++i)
      collect((first + i) % slot_count);
  }
  // User code runs from here on. Every timer is in a well-formed list, so that user code may schedule, cancel or destroy any of them.
  while (!due_.alone()) {
    auto& timer = static_cast<net::timer&>(*due_.next);
    timer.unlink();
    timer.on_timer();
  }
}

/// Moves what is due in `slot` to the list of due timers.
void timer_wheel::collect(std::size_t slot) noexcept {
  auto& head = slots_[slot];
  for (auto* node = head.next; node != &head;) {
    auto& timer = static_cast<net::timer&>(*node);
    node = node->next;
    if (timer.tick_ <= current_) {
      timer.unlink();
      timer.link_before(due_);
    }
  }
  if (head.alone())
    occupied_[slot / word_bits] &= ~(std::uint64_t{1} << slot % word_bits);
}

std::optional<timer_wheel::clock::time_point> timer_wheel::next() const noexcept {
  if (!due_.alone())
    return time_of(current_);
  for (std::uint64_t ahead = 1; ahead <= slot_count;) {
    const auto slot = (current_ + ahead) % slot_count;
    const auto word = occupied_[slot / word_bits] >> slot % word_bits;
    if (word == 0) {
      ahead += word_bits - slot % word_bits;
    } else if (const auto skip = static_cast<unsigned>(std::countr_zero(word)); skip > 0) {
      ahead += skip;
    } else if (slots_[slot].alone()) {
      ++ahead;
    } else {
      return time_of(current_ + ahead);
    }
  }
  return std::nullopt;
}

std::size_t timer_wheel::size() const noexcept {
  const auto count = [](const link& head) {
    std::size_t result = 0;
    for (const auto* node = head.next; node != &head; node = node->next)
      ++result;
    return result;
  };
  auto result = count(due_);
  for (const auto& slot : slots_)
    result += count(slot);
  return result;
}

timer_wheel::clock::time_point timer_wheel::time_of(std::uint64_t tick) const noexcept {
  return start_ + tick_length * static_cast<clock::rep>(tick);
}

} // namespace harpia::inline v0::net
