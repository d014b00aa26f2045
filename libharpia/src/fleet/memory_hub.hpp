// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_maker.hpp"
#include "fleet/memory_broker.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace harpia::inline v0::fleet {

/// A memory broker for apps: it may be used by several threads, and each node hears of events on its own loop. Whatever can happen happens
/// at once.
class memory_hub final : public engine_maker, public std::enable_shared_from_this<memory_hub> {
public:
  explicit memory_hub(const memory_broker::options& how) : broker_{how} {}

  [[nodiscard]] std::unique_ptr<engine> make(const engine_setting& setting) override;

  /// Calls `change(memory_broker&)`, and lets everything happen that follows. @param now the time of the caller, if it has one
  template <class Change>
  void change(Change apply, std::optional<time_point> now = std::nullopt) {
    const std::scoped_lock lock{mutex_};
    if (now && *now > broker_.now())
      broker_.advance(std::chrono::ceil<std::chrono::milliseconds>(*now - broker_.now()));
    apply(broker_);
    broker_.run();
  }

private:
  std::mutex mutex_;
  memory_broker broker_; // guarded by mutex_
};

} // namespace harpia::inline v0::fleet
