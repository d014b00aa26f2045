// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/history_budget.hpp"
#include "fleet/history_limits.hpp"
#include "fleet/stored_message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace harpia::inline v0::fleet {

/// The newest messages of one group in a node's memory: a row without gaps, all of one epoch. Bounded by count, age and bytes, and by a
/// budget that all rings of the node share.
///
/// Age is looked at when the ring is used: an idle ring keeps old messages within the budget and gives none of them away. Not thread-safe.
class history_ring final : private history_budget::holder {
public:
  /// What is asked for: whether everything behind a bookmark is here.
  enum class verdict : std::uint8_t {
    found,       ///< all of it
    lost,        ///< the ring does not reach back to it; the engine's history may
    other_epoch, ///< it belongs to another history
    future,      ///< it is behind the newest message
    other_id,    ///< another message has its offset: it belongs to a history that has forked
  };

  struct entry {
    stored_message message;
    time_point since; // when it was added
  };
  /// Entries of the ring, to walk over.
  class entries {
  public:
    using iterator = std::deque<entry>::const_iterator;

    entries() = default;
    entries(iterator first, iterator last) noexcept : first_{first}, last_{last} {}
    [[nodiscard]] iterator begin() const noexcept { return first_; }
    [[nodiscard]] iterator end() const noexcept { return last_; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(last_ - first_); }
    [[nodiscard]] bool empty() const noexcept { return first_ == last_; }

  private:
    iterator first_{};
    iterator last_{};
  };

  struct answer {
    verdict what = verdict::lost;
    /// What follows the bookmark, oldest first; empty unless `found`. Valid until the ring changes.
    entries behind = {};
  };

  /// @param budget outlives the ring
  history_ring(const history_limits& limits, history_budget& budget) noexcept : limits_{limits}, budget_{&budget} {}
  ~history_ring() { clear(); }
  history_ring(const history_ring&) = delete;
  history_ring& operator=(const history_ring&) = delete;

  /// Forgets everything. The next message is the one behind `at`.
  void restart(const bookmark& at) noexcept {
    clear();
    base_ = at;
  }
  /// Adds a message, which continues `newest()`.
  void add(const stored_message& message, time_point now);

  /// What a member that has seen everything up to `since` still has to see.
  [[nodiscard]] answer behind(const bookmark& since, time_point now);
  /// The id at an offset of the current epoch. @return nothing if the ring does not know it
  [[nodiscard]] std::optional<message_id> id_at(std::uint64_t offset) const noexcept;

  [[nodiscard]] bookmark newest() const noexcept { return entries_.empty() ? base_ : entries_.back().message.mark(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  void forget_oldest() noexcept override;
  void expire(time_point now) noexcept;
  void clear() noexcept;

  history_limits limits_;
  history_budget* budget_;
  bookmark base_;             // the message before the oldest entry
  std::deque<entry> entries_; // bounded by limits_.size and limits_.max_bytes
  std::size_t bytes_ = 0;
};

} // namespace harpia::inline v0::fleet
