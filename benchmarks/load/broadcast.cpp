// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "broadcast.hpp"

namespace load {

broadcast::broadcast(const message_pattern& pattern, std::size_t clients, std::size_t in_flight)
    : pattern_(pattern), check_(pattern), next_expected_(clients), received_(in_flight) {}

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
  const auto sequence = next_expected_[client.index()]++;
  if (sequence == published_)
    throw std::runtime_error{"the server sent a message that nobody published"};
  auto& reached = received_[sequence % received_.size()];
  // All see one order, so messages are complete in that order.
  if (++reached == clients()) {
    reached = 0;
    ++complete_;
  }
  count_message();
}

void broadcast::publish(worker& clients) {
  frames_.clear();
  while (published_ - complete_ < received_.size())
    pattern_.append_to(frames_, published_++);
  if (!frames_.empty())
    clients.client(0).send(frames_);
}

} // namespace load
