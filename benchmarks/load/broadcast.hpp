// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "echo_check.hpp"
#include "traffic.hpp"

namespace load {

/// The first client of each group publishes; every client of it, the first too, receives. `in_flight` messages of each group are on
/// their way to somebody at any time: the next is published when one has reached everybody. A delivery counts as a message.
class broadcast final : public traffic {
public:
  /// `pattern` outlives it. With `groups` 0 or 1 all are one group; else the client of index i is in that of number i modulo `groups`.
  broadcast(const message_pattern& pattern, std::size_t clients, std::size_t in_flight, std::size_t groups);

  [[nodiscard]] std::size_t clients() const override { return next_expected_.size(); }
  void begin(worker& clients) override;
  nanoseconds turn_ended(worker& clients, bool sending) override;
  [[nodiscard]] std::size_t outstanding() const override;

  void opened(connection&) override {}
  void payload(connection& client, std::size_t offset, std::string_view chunk) override;
  void message(connection& client, opcode kind, std::size_t length) override;
  void batch_ended(connection&) override {}

private:
  struct group {
    std::vector<std::size_t> received; // by sequence number modulo in_flight: by how many clients
    std::uint32_t published = 0;
    std::uint32_t complete = 0;
  };

  void publish(worker& clients);

  const message_pattern& pattern_;
  echo_check check_;
  std::vector<std::uint32_t> next_expected_; // sequence numbers, by client
  std::vector<group> groups_;
  std::size_t members_; // of each
  std::string frames_;
};

} // namespace load
