// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/shared_groups.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace harpia::test {

[[nodiscard]] inline std::string to_string(const fleet::bookmark& mark) {
  return to_string(mark.at) + " " + to_string(mark.id);
}

/// What one node was told of one group, and whether that keeps the promises.
class group_diary {
public:
  explicit group_diary(std::vector<std::string>& violations) : violations_{&violations} {}

  void stand(const fleet::bookmark& where) {
    stood_ = last_ = where;
    ++stands_;
  }
  void reset(const fleet::bookmark& where) {
    last_ = where;
    ++resets_;
  }
  void message(const fleet::stored_message& what) {
    const auto mark = what.mark();
    if (last_ && (what.at.epoch != last_->at.epoch || what.at.offset != last_->at.offset + 1))
      blame("a step without a reset from " + to_string(*last_) + " to " + to_string(mark));
    if (last_ && what.previous != last_->id)
      blame("a message that does not follow the one before: " + to_string(mark));
    if (!seen_.emplace(what.id.incarnation, what.id.number).second)
      blame("twice: " + to_string(mark));
    if (auto& newest = newest_[what.id.incarnation]; what.id.number <= newest)
      blame("a publisher's messages out of order: " + to_string(mark));
    else
      newest = what.id.number;
    last_ = mark;
  }

  [[nodiscard]] const std::optional<fleet::bookmark>& last() const noexcept { return last_; }
  [[nodiscard]] std::size_t resets() const noexcept { return resets_; }
  [[nodiscard]] bool has(const fleet::message_id& id) const { return seen_.contains({id.incarnation, id.number}); }
  /// Whether it has to have told of a message that was stored there.
  [[nodiscard]] bool owes(const position& where) const noexcept {
    return resets_ == 0 && (!stood_ || (where.epoch == stood_->at.epoch && where.offset > stood_->at.offset));
  }

private:
  void blame(std::string what) { violations_->push_back(std::move(what)); }

  std::vector<std::string>* violations_;
  std::optional<fleet::bookmark> stood_;
  std::optional<fleet::bookmark> last_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
  std::map<std::uint64_t, std::uint64_t> newest_; // number by incarnation
  std::size_t stands_ = 0;
  std::size_t resets_ = 0;
};

/// Looks at all that the nodes of a fleet were told.
class fleet_checker {
public:
  [[nodiscard]] group_diary make_diary() { return group_diary{violations_}; }

  /// The engine has forgotten its newest messages. Until a node that has seen one of them asks, it gives their places to others; so there
  /// may be one more message for a place. Each node's diary shows that it does not go from one branch to another without a reset.
  void fork() noexcept { ++branches_; }

  /// Some node was told of a message.
  void message(std::string_view group, const fleet::stored_message& what) {
    auto& known = places_[{std::string{group}, what.at.epoch, what.at.offset}];
    if (std::ranges::find(known, what.id) != known.end())
      return;
    known.push_back(what.id);
    if (known.size() > branches_)
      blame(std::to_string(known.size()) + " messages at " + to_string(what.at));
  }
  void accepted(std::uint64_t ticket) { open_.insert(ticket); }
  void published(const fleet::published& result) {
    if (open_.erase(result.ticket) != 1)
      blame("an outcome without a publish, or a second one");
    ++outcomes_[result.what];
    if (result.what == fleet::outcome::stored)
      stored_.push_back(result);
  }
  /// A node has gone without a word: nobody hears of what it published.
  void forget(std::uint64_t ticket) { open_.erase(ticket); }

  /// A node has gone. What the engine has told it alone, and has forgotten, nobody knows.
  void died(std::uint64_t incarnation) { dead_.insert(incarnation); }

  /// At the end, for each node and group.
  void check_complete(std::string_view group, const group_diary& diary) {
    for (const auto& each : stored_)
      if (dead_.contains(each.id.incarnation) && branches_ > 1)
        continue;
      else if (each.group == group && each.at && diary.owes(*each.at) && !diary.has(each.id))
        blame("missing: " + to_string(*each.at) + " " + to_string(each.id));
  }
  void check_outcomes() {
    if (!open_.empty())
      blame(std::to_string(open_.size()) + " publishes without an outcome");
  }

  void blame(std::string what) { violations_.push_back(std::move(what)); }
  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] const std::map<fleet::outcome, std::size_t>& outcomes() const noexcept { return outcomes_; }

private:
  std::vector<std::string> violations_;
  std::map<std::tuple<std::string, std::uint64_t, std::uint64_t>, std::vector<fleet::message_id>> places_;
  std::size_t branches_ = 1;
  std::set<std::uint64_t> open_;
  std::vector<fleet::published> stored_;
  std::set<std::uint64_t> dead_;
  std::map<fleet::outcome, std::size_t> outcomes_;
};

} // namespace harpia::test
