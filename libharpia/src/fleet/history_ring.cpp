// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/history_ring.hpp"

#include <cassert>

namespace harpia::inline v0::fleet {

void history_ring::add(const stored_message& message, time_point now) {
  assert(message.at.epoch == base_.at.epoch && message.at.offset == newest().at.offset + 1);
  const auto size = message.what->size();
  entries_.push_back({message, now});
  bytes_ += size;
  while (!entries_.empty() && (entries_.size() > limits_.size || bytes_ > limits_.max_bytes)) {
    // The new one is not accounted for yet: the budget must not make others forget for what does not stay.
    const auto& oldest = entries_.front().message;
    base_ = oldest.mark();
    bytes_ -= oldest.what->size();
    if (entries_.size() > 1)
      budget_->shrank(*this, oldest.what->size());
    entries_.pop_front();
  }
  if (!entries_.empty())
    budget_->grew(*this, size);
  expire(now);
}

history_ring::answer history_ring::behind(const bookmark& since, time_point now) {
  expire(now);
  if (since.at.epoch != base_.at.epoch)
    return {verdict::other_epoch};
  if (since.at > newest().at)
    return {verdict::future};
  if (since.at < base_.at)
    return {verdict::lost};
  if (id_at(since.at.offset) != since.id)
    return {verdict::other_id};
  const auto seen = static_cast<std::ptrdiff_t>(since.at.offset - base_.at.offset);
  return {verdict::found, {entries_.cbegin() + seen, entries_.cend()}};
}

std::optional<message_id> history_ring::id_at(std::uint64_t offset) const noexcept {
  if (offset == base_.at.offset)
    return base_.id;
  if (offset < base_.at.offset || offset > newest().at.offset)
    return std::nullopt;
  return entries_[offset - base_.at.offset - 1].message.id;
}

void history_ring::forget_oldest() noexcept {
  const auto& oldest = entries_.front().message;
  const auto size = oldest.what->size();
  base_ = oldest.mark();
  bytes_ -= size;
  entries_.pop_front();
  budget_->shrank(*this, size);
}

void history_ring::expire(time_point now) noexcept {
  while (!entries_.empty() && now - entries_.front().since >= limits_.ttl)
    forget_oldest();
}

void history_ring::clear() noexcept {
  budget_->shrank(*this, bytes_);
  bytes_ = 0;
  entries_.clear();
}

} // namespace harpia::inline v0::fleet
