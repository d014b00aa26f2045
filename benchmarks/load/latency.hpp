// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "drips.hpp"
#include "echo_check.hpp"
#include "traffic.hpp"

namespace load {

/// Sends at a fixed rate, whatever the server does, the clients in turn. Latency counts from when a message was due, not from when it
/// was sent, so that a stall of the server is seen by all messages that it held up (no coordinated omission).
class latency final : public traffic {
public:
  /// `rate` in messages per second of this thread. `pattern`, `window` and `beside`, which may be null, outlive it.
  latency(const message_pattern& pattern, std::size_t clients, double rate, const measured_window& window, drips* beside);

  [[nodiscard]] std::size_t clients() const override { return received_.size(); }
  void begin(worker& clients) override;
  nanoseconds turn_ended(worker& clients, bool sending) override;
  [[nodiscard]] std::size_t outstanding() const override { return static_cast<std::size_t>(sent_ - messages()); }

  void opened(connection&) override {}
  void payload(connection& client, std::size_t offset, std::string_view chunk) override;
  void message(connection& client, opcode kind, std::size_t length) override;
  void batch_ended(connection&) override {}

private:
  [[nodiscard]] std::int64_t due(std::uint64_t number) const {
    return start_ + static_cast<std::int64_t>(static_cast<double>(number) * interval_);
  }
  // The client's messages are numbered among all, and its echoes come in order.
  [[nodiscard]] std::uint64_t next_of(const connection& client) const {
    return received_[client.index()] * received_.size() + client.index();
  }

  const message_pattern& pattern_;
  const measured_window& window_;
  drips* beside_;
  echo_check check_;
  double interval_; // ns between messages
  std::int64_t start_ = 0;
  std::uint64_t sent_ = 0;
  std::vector<std::uint64_t> received_; // by client
  std::string frame_;
};

} // namespace load
