// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "echo_check.hpp"
#include "traffic.hpp"

namespace load {

/// Every client keeps `in_flight` messages on their way and sends the next when one has come back.
class echo final : public traffic {
public:
  /// `pattern` outlives it.
  echo(const message_pattern& pattern, std::size_t clients, std::size_t in_flight);

  [[nodiscard]] std::size_t clients() const override { return states_.size(); }
  void begin(worker& clients) override;
  nanoseconds turn_ended(worker& clients, bool sending) override;
  [[nodiscard]] std::size_t outstanding() const override { return outstanding_; }

  void opened(connection&) override {}
  void payload(connection& client, std::size_t offset, std::string_view chunk) override;
  void message(connection& client, opcode kind, std::size_t length) override;
  void batch_ended(connection& client) override;

private:
  struct progress {
    std::uint32_t next_sent; // sequence numbers
    std::uint32_t next_expected;
    std::uint32_t goal; // what is in flight when nothing waits to be sent
  };
  void fill(connection& client);

  const message_pattern& pattern_;
  echo_check check_;
  std::vector<progress> states_; // by client
  std::string frames_;
  std::size_t outstanding_ = 0;
  bool sending_ = false;
};

} // namespace load
