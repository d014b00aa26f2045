// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::fleet {

memory_store::publish_reply memory_store::publish(const publish_request& asked, std::uint64_t fresh, time_point now) {
  auto& of = find(asked.group, now);
  auto& last = of.numbers[asked.id.incarnation];
  if (last >= asked.id.number)
    return {repeat(of, asked), {}};
  publish_answer answer{.group = asked.group, .id = asked.id, .result = publish_result::out_of_order};
  if (last + 1 != asked.id.number && asked.in_flight != publish_request::place::oldest)
    return {std::move(answer), {}};

  last = asked.id.number;
  if (const auto same = of.unique.find(asked.what->unique); same != of.unique.end()) {
    answer.result = publish_result::duplicate;
    answer.at = position{of.epoch, same->second.at.offset};
    return {std::move(answer), {}};
  }
  if (of.epoch == 0 || (asked.seen && of.has_forgotten(*asked.seen)))
    of.renew(fresh, asked.seen ? asked.seen->at.epoch : 0);
  const auto limits = history_(asked.group);
  stored_message message{{of.epoch, of.top.at.offset + 1}, asked.id, of.top.id, asked.what};
  of.top = message.mark();
  of.used = now;
  of.history.push_back(message);
  while (of.history.size() > limits.size)
    of.history.pop_front();
  if (!asked.what->unique.empty())
    of.remember_unique(asked.what->unique, message.mark(), now);
  answer.result = publish_result::stored;
  answer.at = message.at;
  return {std::move(answer), std::move(message)};
}

// The number was used: this message is stored, unless another with its unique key was there before it.
publish_answer memory_store::repeat(const group& of, const publish_request& asked) {
  publish_answer answer{.group = asked.group, .id = asked.id, .result = publish_result::stored};
  if (const auto same = of.unique.find(asked.what->unique); same != of.unique.end()) {
    if (same->second.id.is_message(asked.id))
      answer.id = same->second.id;
    else
      answer.result = publish_result::duplicate;
    answer.at = position{of.epoch, same->second.at.offset};
    return answer;
  }
  const auto found = std::ranges::find_if(of.history, [&](const stored_message& each) { return each.id.is_message(asked.id); });
  if (found != of.history.end()) {
    answer.id = found->id;
    answer.at = position{of.epoch, found->at.offset};
  } else if (of.top.id.is_message(asked.id)) {
    answer.id = of.top.id;
    answer.at = of.end().at;
  }
  return answer;
}

sync_answer memory_store::sync(const sync_request& asked, std::uint64_t fresh, time_point now) {
  auto& of = find(asked.group, now);
  if (of.epoch == 0) {
    of.renew(fresh, asked.since ? asked.since->at.epoch : 0);
    of.used = now;
  }
  sync_answer answer{.ticket = asked.ticket, .group = asked.group, .state = sync_state::start, .top = of.end()};
  if (!asked.since)
    return answer;
  const bool follows = asked.intent == sync_intent::follow;
  const bool has_forked = of.has_forgotten(*asked.since) || (asked.seen && of.has_forgotten(*asked.seen));
  const bool is_other = asked.since->at.epoch != of.epoch;
  if (is_other || has_forked) {
    answer.state = is_other ? sync_state::other : sync_state::diverged;
    if (follows && has_forked) {
      of.renew(fresh, asked.since->at.epoch);
      answer.top = of.end();
    }
    if (follows)
      take_newest(answer, of, asked.limit);
    return answer;
  }
  if (asked.since->at.offset < of.before_history()) {
    answer.state = sync_state::gone;
    return answer;
  }
  answer.state = sync_state::same;
  const auto missing = static_cast<std::ptrdiff_t>(of.top.at.offset - asked.since->at.offset);
  for (auto each = of.history.end() - missing; each != of.history.end() && answer.entries.size() < asked.limit; ++each)
    answer.entries.push_back(*each);
  for (auto& each : answer.entries)
    each.at.epoch = of.epoch;
  return answer;
}

void memory_store::take_newest(sync_answer& to, const group& of, std::size_t limit) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(limit, of.history.size()));
  to.entries.assign(of.history.end() - count, of.history.end());
  for (auto& each : to.entries)
    each.at.epoch = of.epoch;
}

memory_store::group& memory_store::find(std::string_view name, time_point now) {
  auto found = groups_.find(name);
  if (found == groups_.end())
    found = groups_.emplace(std::string{name}, group{}).first;
  auto& of = found->second;
  const auto idle = now - of.used;
  if (idle >= group_ttl) {
    of = group{};
    of.used = now;
  }
  if (idle >= numbers_ttl)
    of.numbers.clear();
  if (idle >= history_(name).ttl)
    of.history.clear();
  for (auto& keys = of.unique_keys; !keys.empty() && now - keys.front().since >= unique_ttl; keys.pop_front())
    of.unique.erase(keys.front().key);
  return of;
}

std::uint64_t memory_store::group::before_history() const noexcept {
  return history.empty() ? top.at.offset : history.front().at.offset - 1;
}

void memory_store::group::remember_unique(const std::string& key, const bookmark& mark, time_point now) {
  unique.emplace(key, mark);
  unique_keys.push_back({key, now});
}

// Begins a new epoch. @param beside an epoch of somebody who was there, and need not be told again; 0: none
void memory_store::group::renew(std::uint64_t fresh, std::uint64_t beside) {
  for (const auto each : {epoch, beside})
    if (each != 0 && std::ranges::find(former, each) == former.end())
      former.push_back(each);
  while (former.size() > max_former)
    former.pop_front();
  epoch = fresh;
}

// Whether somebody has seen what this history does not have: a message of this epoch, or an epoch that it does not know, since the change to
// it was forgotten.
bool memory_store::group::has_forgotten(const bookmark& seen) const noexcept {
  if (seen.at.epoch == epoch)
    return contradicts(seen);
  return std::ranges::find(former, seen.at.epoch) == former.end();
}

// Whether a message that somebody has seen in this epoch is not in this history.
bool memory_store::group::contradicts(const bookmark& seen) const noexcept {
  if (seen.at.epoch != epoch)
    return false;
  if (seen.at.offset == top.at.offset)
    return seen.id != top.id;
  if (seen.at.offset > top.at.offset || (seen.at.offset == 0 && !seen.id.is_none()))
    return true;
  const auto offset = seen.at.offset;
  if (offset < before_history())
    return false; // nobody knows any more
  const auto& next = history[offset - before_history()];
  return next.previous != seen.id;
}

} // namespace harpia::inline v0::fleet
