// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/coroutine_table.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::detail {

std::uint64_t coroutine_table::add(coroutine_frame& started) {
  frames_.push_back(&started);
  return suspend(started, started.whole_, awaited::result);
}

std::uint64_t coroutine_table::suspend(coroutine_frame& running, std::coroutine_handle<> innermost, awaited what) noexcept {
  running.innermost_ = innermost;
  running.awaited_ = what;
  return running.suspension_ = ++last_suspension_;
}

coroutine_frame* coroutine_table::find(std::uint64_t suspension) const noexcept {
  const auto found =
      std::ranges::find_if(frames_, [&](const auto* each) { return each->suspension_ == suspension && each->innermost_; });
  return found == frames_.end() ? nullptr : *found;
}

std::optional<coroutine_table::outcome> coroutine_table::run(coroutine_frame& waiting) {
  std::exchange(waiting.innermost_, nullptr).resume();
  if (!waiting.whole_.done())
    return std::nullopt;
  outcome ended{waiting.role_, std::move(waiting.failure_)};
  std::erase(frames_, &waiting);
  waiting.whole_.destroy();
  return ended;
}

std::vector<std::uint64_t> coroutine_table::waiting_for_drain() const {
  std::vector<std::uint64_t> suspensions;
  for (const auto* each : frames_)
    if (each->innermost_ && each->awaited_ == awaited::drain)
      suspensions.push_back(each->suspension_);
  std::ranges::sort(suspensions);
  return suspensions;
}

void coroutine_table::destroy_all() noexcept {
  while (!frames_.empty()) {
    auto* last = frames_.back();
    frames_.pop_back();
    last->whole_.destroy();
  }
}

void coroutine_table::receive_into(std::uint64_t suspension, std::optional<message>& into) noexcept {
  receiver_ = suspension;
  target_ = &into;
}

std::uint64_t coroutine_table::deliver(message_view received) {
  if (const auto waiting = receiver()) {
    target_->emplace(received);
    return waiting;
  }
  kept_.emplace_back(received);
  kept_bytes_ += received.size();
  return 0;
}

bool coroutine_table::take(std::optional<message>& into) {
  if (kept_.empty())
    return false;
  into.emplace(std::move(kept_.front()));
  kept_.pop_front();
  kept_bytes_ -= into->size();
  return true;
}

} // namespace harpia::inline v0::detail
