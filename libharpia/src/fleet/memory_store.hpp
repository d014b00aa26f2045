// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"
#include "fleet/history_limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace harpia::inline v0::fleet {

/// What an engine remembers of groups: numbers, history, unique keys. Its functions do, each at once, what the scripts of an engine in a
/// server do. It can be copied, as a replica is. Not thread-safe.
class memory_store {
public:
  /// How much of a group's history is kept, by the group's name.
  using history_of = std::function<history_limits(std::string_view group)>;

  static constexpr std::size_t max_former = 8;                  ///< epochs of a group that are remembered beside its present one
  static constexpr auto unique_ttl = std::chrono::minutes{2};   ///< for which a unique key is remembered
  static constexpr auto numbers_ttl = std::chrono::minutes{10}; ///< for which an unused group's publishers are remembered
  static constexpr auto group_ttl = std::chrono::hours{1};      ///< after which an unused group is forgotten

  explicit memory_store(history_of history) : history_{std::move(history)} {}

  struct publish_reply {
    publish_answer answer;
    std::optional<stored_message> pushed; ///< to hand to those who watch the group
  };
  /// Numbers and stores a message. @param fresh an epoch for a group that has none, or a forked history
  [[nodiscard]] publish_reply publish(const publish_request& asked, std::uint64_t fresh, time_point now);
  /// What whoever stands at `since` has to know. @param fresh as for `publish`
  [[nodiscard]] sync_answer sync(const sync_request& asked, std::uint64_t fresh, time_point now);

private:
  struct unique_key {
    std::string key;
    time_point since;
  };
  struct group {
    std::uint64_t epoch = 0;                          // 0: none
    std::deque<std::uint64_t> former;                 // epochs before it; at most max_former
    bookmark top;                                     // its epoch is not used
    std::deque<stored_message> history;               // bounded by the group's history_limits
    std::map<std::uint64_t, std::uint64_t> numbers;   // the last one of each incarnation; bounded by numbers_ttl
    std::unordered_map<std::string, bookmark> unique; // what has each key; bounded by unique_ttl
    std::deque<unique_key> unique_keys;               // the same, oldest first
    time_point used{};

    [[nodiscard]] std::uint64_t before_history() const noexcept; // the offset before the oldest message that is kept
    void remember_unique(const std::string& key, const bookmark& mark, time_point now);
    [[nodiscard]] bool contradicts(const bookmark& seen) const noexcept;
    [[nodiscard]] bool has_forgotten(const bookmark& seen) const noexcept;
    void renew(std::uint64_t fresh, std::uint64_t beside = 0);
    [[nodiscard]] bookmark end() const noexcept { return {{epoch, top.at.offset}, top.id}; }
  };

  group& find(std::string_view name, time_point now);
  [[nodiscard]] static publish_answer repeat(const group& of, const publish_request& asked);
  static void take_newest(sync_answer& to, const group& of, std::size_t limit);

  history_of history_;
  std::map<std::string, group, std::less<>> groups_;
};

} // namespace harpia::inline v0::fleet
