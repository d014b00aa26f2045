// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/call_table.hpp"

#include <tuple>
#include <utility>

namespace harpia::inline v0::detail {

std::optional<std::uint64_t> call_table::add(call added, net::timer_wheel::clock::time_point deadline) {
  if (waiting_.size() >= max_pending_)
    return std::nullopt;
  const auto id = ++last_id_;
  const auto place = waiting_.emplace_hint(
      waiting_.end(), std::piecewise_construct, std::forward_as_tuple(id), std::forward_as_tuple(*this, id, std::move(added)));
  timers_->schedule(place->second, deadline);
  return id;
}

call_table::call call_table::take(std::uint64_t id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end())
    return nullptr;
  auto taken = found->second.take();
  waiting_.erase(found);
  return taken;
}

std::vector<call_table::call> call_table::take_all() {
  std::vector<call> taken;
  taken.reserve(waiting_.size());
  for (auto& [id, each] : waiting_)
    taken.push_back(each.take());
  waiting_.clear();
  return taken;
}

} // namespace harpia::inline v0::detail
