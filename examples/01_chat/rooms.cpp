// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "rooms.hpp"

#include "messages.hpp"

#include <algorithm>
#include <iterator>

namespace chat {

namespace {

std::vector<std::string> distinct(const std::multiset<std::string>& names) {
  std::vector<std::string> result;
  std::ranges::unique_copy(names, std::back_inserter(result));
  return result;
}

} // namespace

void rooms::enter(const std::string& room, const std::string& name, const announcement& announce) {
  const std::lock_guard lock{mutex_};
  if (rooms_.size() >= max_rooms && !rooms_.contains(room))
    throw refusal{"there are too many rooms already"};
  auto& inside = rooms_[room];
  if (inside.size() >= max_visitors)
    throw refusal{"the room is full"};
  const bool is_new = !inside.contains(name);
  inside.insert(name);
  announce({distinct(inside), is_new});
}

void rooms::leave(const std::string& room, const std::string& name, const announcement& announce) {
  const std::lock_guard lock{mutex_};
  const auto found = rooms_.find(room);
  auto& inside = found->second;
  inside.erase(inside.find(name));
  announce({distinct(inside), !inside.contains(name)});
  if (inside.empty())
    rooms_.erase(found);
}

} // namespace chat
