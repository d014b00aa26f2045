// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "broadcast.hpp"

#include <algorithm>

namespace load {

broadcast::broadcast(const message_pattern& pattern, std::size_t clients, std::size_t in_flight, std::size_t groups)
    : pattern_(pattern), check_(pattern), next_expected_(clients),
      groups_(std::max<std::size_t>(groups, 1), group{std::vector<std::size_t>(in_flight)}), members_(clients / groups_.size()) {}

std::size_t broadcast::outstanding() const {
  std::size_t sum = 0;
  for (const auto& each : groups_)
    sum += each.published - each.complete;
  return sum;
}

void broadcast::begin(worker& clients) {
  publish(clients);
}

nanoseconds broadcast::turn_ended(worker& clients, bool sending) {
  if (sending)
    publish(clients);
  return std::chrono::milliseconds{10};
}

void broadcast::payload(connection& client, std::size_t offset, std::string_view chunk) {
  check_.payload(next_expected_[client.index()], offset, chunk);
}

void broadcast::message(connection& client, opcode kind, std::size_t length) {
  check_.message(kind, length);
  auto& of = groups_[client.index() % groups_.size()];
  const auto sequence = next_expected_[client.index()]++;
  if (sequence == of.published)
    throw std::runtime_error{"the server sent a message that nobody published"};
  auto& reached = of.received[sequence % of.received.size()];
  // All see one order, so messages are complete in that order.
  if (++reached == members_) {
    reached = 0;
    ++of.complete;
  }
  count_message();
}

void broadcast::publish(worker& clients) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    auto& [received, published, complete] = groups_[i];
    frames_.clear();
    while (published - complete < received.size())
      pattern_.append_to(frames_, published++);
    if (!frames_.empty())
      clients.client(i).send(frames_);
  }
}

} // namespace load
