// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cassert>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace harpia::inline v0::routing {

/// The subscriptions of members to topics: topics by name, each with its members and a `Tag` of the owner's. A topic exists while it
/// has members.
///
/// Joining and leaving take constant time on average, whatever the sizes of topic and index. Not thread-safe.
template <class Member, class Tag>
class topic_index {
public:
  class topic;

private:
  struct place {
    topic* where;
    std::size_t position; // of the member in that topic
  };

public:
  /// The topics that one member is subscribed to. Part of the member; must be empty when it is destroyed.
  class subscriptions {
  public:
    subscriptions() = default;
    subscriptions(const subscriptions&) = delete;
    subscriptions& operator=(const subscriptions&) = delete;
    ~subscriptions() { assert(empty()); }

    [[nodiscard]] bool empty() const noexcept { return !places_; }
    [[nodiscard]] std::size_t size() const noexcept { return places_ ? places_->size() : 0; }

    [[nodiscard]] std::vector<std::string> names() const {
      std::vector<std::string> result;
      result.reserve(size());
      if (places_)
        for (const auto& [name, where] : *places_)
          result.emplace_back(name);
      return result;
    }

  private:
    friend class topic_index;
    using places = std::unordered_map<std::string_view, place>;

    [[nodiscard]] place* find(std::string_view name) const {
      if (!places_)
        return nullptr;
      const auto found = places_->find(name);
      return found == places_->end() ? nullptr : &found->second;
    }

    std::unique_ptr<places> places_; // null while there are none; the topics own the names
  };

  /// One topic: its members and its tag.
  class topic {
  public:
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

    /// Calls `visit(Member&)` for each member in no particular order. `visit` must not subscribe or unsubscribe anyone.
    template <class Visit>
    void for_each(Visit visit) const {
      for (const auto& each : members_)
        visit(*each.member);
    }

    Tag tag{};

  private:
    friend class topic_index;
    struct entry {
      Member* member;
      subscriptions* of;
    };
    std::string name_;
    std::vector<entry> members_;
  };

  /// Calls `visit(const topic&)` for each topic in no particular order. `visit` must not subscribe or unsubscribe anyone.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [name, each] : topics_)
      visit(*each);
  }

  /// Adds `member`, whose subscriptions are `of`. @return the topic, and whether the member was not in it before
  std::pair<topic*, bool> subscribe(Member& member, subscriptions& of, std::string_view name) {
    if (const auto* found = of.find(name))
      return {found->where, false};
    auto at = topics_.find(name);
    if (at == topics_.end()) {
      auto fresh = std::make_unique<topic>();
      fresh->name_ = name;
      const std::string_view key = fresh->name_;
      at = topics_.emplace(key, std::move(fresh)).first;
    }
    auto& joined = *at->second;
    joined.members_.push_back({&member, &of});
    if (!of.places_)
      of.places_ = std::make_unique<typename subscriptions::places>();
    of.places_->emplace(joined.name_, place{&joined, joined.members_.size() - 1});
    return {&joined, true};
  }

  /// @return whether the member was in the topic, and the topic's tag if its last member left and the topic was removed
  std::pair<bool, Tag> unsubscribe(subscriptions& of, std::string_view name) {
    const auto* found = of.find(name);
    if (!found)
      return {false, Tag{}};
    const auto where = *found;
    if (of.places_->size() == 1)
      of.places_.reset();
    else
      of.places_->erase(name);
    return {true, remove(where)};
  }

  [[nodiscard]] static bool is_subscribed(const subscriptions& of, std::string_view name) { return of.find(name) != nullptr; }

  [[nodiscard]] topic* find(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second.get();
  }

  [[nodiscard]] std::size_t size() const noexcept { return topics_.size(); }

private:
  // Moves the last member into the freed position.
  Tag remove(const place& from) {
    auto& members = from.where->members_;
    if (from.position + 1 != members.size()) {
      members[from.position] = members.back();
      members[from.position].of->find(from.where->name_)->position = from.position;
    }
    members.pop_back();
    if (!members.empty())
      return Tag{};
    auto tag = std::move(from.where->tag);
    topics_.erase(topics_.find(from.where->name_));
    return tag;
  }

  std::unordered_map<std::string_view, std::unique_ptr<topic>> topics_; // the topics own the names
};

} // namespace harpia::inline v0::routing
