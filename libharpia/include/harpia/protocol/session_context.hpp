// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/protocol/deflater.hpp>
#include <harpia/protocol/engine.hpp>
#include <harpia/protocol/inflater.hpp>
#include <harpia/protocol/upgrade.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace harpia::protocol {

/// What the sessions of one loop share: engines, what those share, and what to compress with. Not thread-safe; outlives its sessions.
class session_context {
public:
  /// How many engines that nobody needs are kept, at some four kilobytes each.
  static constexpr std::size_t max_idle = 32;

  session_context() : resources_{make_engine_resources()} {}

  /// A new engine, to connect with.
  [[nodiscard]] std::unique_ptr<engine> make() { return resources_->make(); }
  /// One that is open already.
  [[nodiscard]] std::unique_ptr<engine> borrow();
  /// Takes an idle engine of a server.
  void give_back(std::unique_ptr<engine> idle);

  [[nodiscard]] const accept_digest& digest() const noexcept { return digest_; }
  [[nodiscard]] protocol::deflaters& deflaters() noexcept { return deflaters_; }
  [[nodiscard]] protocol::inflaters& inflaters() noexcept { return inflaters_; }

private:
  std::unique_ptr<engine_resources> resources_; // outlives the engines
  std::vector<std::unique_ptr<engine>> idle_;
  accept_digest digest_;
  protocol::deflaters deflaters_;
  protocol::inflaters inflaters_;
};

} // namespace harpia::protocol
