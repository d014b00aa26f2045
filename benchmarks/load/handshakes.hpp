// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "traffic.hpp"

namespace load {

/// Connects, upgrades, closes and begins again, `concurrency` clients at a time. A closed client counts as a message.
class handshakes final : public traffic {
public:
  explicit handshakes(std::size_t concurrency) : concurrency_(concurrency) {}

  [[nodiscard]] std::size_t clients() const override { return 0; }
  void begin(worker& clients) override;
  nanoseconds turn_ended(worker& clients, bool sending) override;
  [[nodiscard]] std::size_t outstanding() const override { return outstanding_; }

  void opened(connection& client) override { client.start_closing(); }
  void payload(connection&, std::size_t, std::string_view) override {}
  void message(connection&, opcode, std::size_t) override {}
  void batch_ended(connection&) override {}

private:
  std::size_t concurrency_;
  std::size_t outstanding_ = 0;
};

} // namespace load
