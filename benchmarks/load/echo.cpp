// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "echo.hpp"

namespace load {

echo::echo(const message_pattern& pattern, std::size_t clients, std::size_t in_flight)
    : pattern_(pattern), check_(pattern), states_(clients) {
  for (std::size_t i = 0; i < clients; ++i) {
    // Far from the others' numbers, so that one client's echo is wrong for any other.
    const auto first = static_cast<std::uint32_t>(i) * 2654435761u;
    states_[i] = {.next_sent = first, .next_expected = first, .goal = static_cast<std::uint32_t>(in_flight)};
  }
}

void echo::begin(worker& clients) {
  sending_ = true;
  for (std::size_t i = 0; i < clients.clients(); ++i)
    fill(clients.client(i));
}

nanoseconds echo::turn_ended(worker&, bool sending) {
  sending_ = sending;
  return std::chrono::milliseconds{10};
}

void echo::payload(connection& client, std::size_t offset, std::string_view chunk) {
  check_.payload(states_[client.index()].next_expected, offset, chunk);
}

void echo::message(connection& client, opcode kind, std::size_t length) {
  check_.message(kind, length);
  auto& state = states_[client.index()];
  if (state.next_expected == state.next_sent)
    throw std::runtime_error{"the server sent a message that answers nothing"};
  ++state.next_expected;
  --outstanding_;
  count_message();
}

void echo::batch_ended(connection& client) {
  if (sending_)
    fill(client);
}

void echo::fill(connection& client) {
  auto& state = states_[client.index()];
  frames_.clear();
  while (state.next_sent - state.next_expected < state.goal) {
    pattern_.append_to(frames_, state.next_sent++);
    ++outstanding_;
  }
  if (!frames_.empty())
    client.send(frames_);
}

} // namespace load
