// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "group_directory.hpp"

#include "group_shard.hpp"

#include <algorithm>

namespace harpia::detail {

group::~group() {
  directory_->forget(name_);
}

void group::publish(const protocol::shared_frame& frame, const void* except) {
  group_shard* here = nullptr;
  {
    const std::scoped_lock lock{mutex_};
    for (auto* shard : shards_) {
      shard->enqueue({shared_from_this(), frame, except});
      if (shard->is_this_thread())
        here = shard;
    }
  }
  // At once, so that what the publisher sends next comes after it. The inbox holds everything that came before.
  if (here)
    here->catch_up();
}

void group::attach(group_shard& shard) {
  const std::scoped_lock lock{mutex_};
  shards_.push_back(&shard);
}

void group::detach(group_shard& shard) {
  const std::scoped_lock lock{mutex_};
  std::erase(shards_, &shard);
}

std::shared_ptr<group> group_directory::get(std::string_view name) {
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  auto found = groups.find(name);
  if (found == groups.end())
    found = groups.emplace(std::string{name}, std::weak_ptr<group>{}).first;
  auto existing = found->second.lock();
  if (!existing) {
    existing = std::make_shared<group>(*this, found->first);
    found->second = existing;
  }
  return existing;
}

std::shared_ptr<group> group_directory::find(std::string_view name) {
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  const auto found = groups.find(name);
  return found == groups.end() ? nullptr : found->second.lock();
}

void group_directory::publish(std::string_view name, message_view message, const void* except) {
  if (const auto to = find(name))
    to->publish(protocol::make_frame(message), except);
}

// Called by a group that ends. Another of its name may have been made since the last reference to it went.
void group_directory::forget(const std::string& name) {
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  if (const auto found = groups.find(name); found != groups.end() && found->second.expired())
    groups.erase(found);
}

} // namespace harpia::detail
