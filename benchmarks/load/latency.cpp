// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "latency.hpp"

namespace load {

namespace {

// For a moment in which no echo is awaited, whose reading they would delay. Not longer, so that a slow server gets as many.
constexpr nanoseconds drips_wait{5'000'000};

} // namespace

latency::latency(const message_pattern& pattern, std::size_t clients, double rate, const measured_window& window, drips* beside)
    : pattern_(pattern), window_(window), beside_(beside), check_(pattern), interval_(1e9 / rate), received_(clients) {}

void latency::begin(worker&) {
  start_ = now();
}

// The last stretch before a message is due is waited for with open eyes: waking up would take longer than a server needs.
nanoseconds latency::turn_ended(worker& clients, bool sending) {
  constexpr std::int64_t awake = 100'000;
  if (!sending)
    return std::chrono::milliseconds{1};
  for (auto time = now(); due(sent_) <= time; ++sent_) {
    frame_.clear();
    pattern_.append_to(frame_, static_cast<std::uint32_t>(sent_));
    clients.client(sent_ % clients.clients()).send(frame_);
  }
  const auto drip_due = beside_ ? beside_->turn(outstanding() == 0 ? nanoseconds{0} : drips_wait) : nanoseconds::max();
  return std::min(drip_due, nanoseconds{std::max<std::int64_t>(0, due(sent_) - now() - awake)});
}

void latency::payload(connection& client, std::size_t offset, std::string_view chunk) {
  check_.payload(static_cast<std::uint32_t>(next_of(client)), offset, chunk);
}

void latency::message(connection& client, opcode kind, std::size_t length) {
  check_.message(kind, length);
  const auto number = next_of(client);
  if (number >= sent_)
    throw std::runtime_error{"the server sent a message that answers nothing"};
  if (const auto intended = due(number); window_.holds(intended))
    latencies_.add(static_cast<std::uint64_t>(now() - intended));
  ++received_[client.index()];
  count_message();
}

} // namespace load
