// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "echo_check.hpp"
#include "traffic.hpp"

namespace load {

/// The first client publishes; every client, the first too, receives. `in_flight` messages are on their way to somebody at any
/// time: the next is published when one has reached everybody. A delivery counts as a message.
class broadcast final : public traffic {
public:
  /// `pattern` outlives it.
  broadcast(const message_pattern& pattern, std::size_t clients, std::size_t in_flight);

  [[nodiscard]] std::size_t clients() const override { return next_expected_.size(); }
  void begin(worker& clients) override;
  nanoseconds turn_ended(worker& clients, bool sending) override;
  [[nodiscard]] std::size_t outstanding() const override { return published_ - complete_; }

  void opened(connection&) override {}
  void payload(connection& client, std::size_t offset, std::string_view chunk) override;
  void message(connection& client, opcode kind, std::size_t length) override;
  void batch_ended(connection&) override {}

private:
  void publish(worker& clients);

  const message_pattern& pattern_;
  echo_check check_;
  std::vector<std::uint32_t> next_expected_; // sequence numbers, by client
  std::vector<std::size_t> received_;        // by sequence number modulo in_flight: by how many clients
  std::string frames_;
  std::uint32_t published_ = 0;
  std::uint32_t complete_ = 0;
};

} // namespace load
