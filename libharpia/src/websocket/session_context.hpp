// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "deflate/inflater.hpp"
#include "websocket/buffer_pool.hpp"
#include "websocket/engine.hpp"
#include "websocket/upgrade.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace harpia::websocket {

/// The resources that the connections of one loop share: buffers, engines and their resources, deflaters and inflaters. Not
/// thread-safe. Outlives the connections.
class session_context {
public:
  /// Maximum number of idle engines that are kept, at about four kilobytes each.
  static constexpr std::size_t max_idle = 32;

  /// @param budget limit on the bytes that all loops of the app together buffer for slow peers; null: no limit
  explicit session_context(std::shared_ptr<buffer_budget> budget = nullptr)
      : resources_{make_engine_resources()}, buffers_{std::move(budget)} {}

  /// A new engine for a client.
  [[nodiscard]] std::unique_ptr<engine> make() { return resources_->make(); }
  /// An engine that is already open.
  [[nodiscard]] std::unique_ptr<engine> borrow();
  /// Takes back a server's idle engine.
  void give_back(std::unique_ptr<engine> idle);

  [[nodiscard]] buffer_pool& buffers() noexcept { return buffers_; }
  [[nodiscard]] const accept_digest& digest() const noexcept { return digest_; }
  [[nodiscard]] deflate::deflaters& deflaters() noexcept { return deflaters_; }
  [[nodiscard]] deflate::inflaters& inflaters() noexcept { return inflaters_; }

private:
  std::unique_ptr<engine_resources> resources_; // outlives the engines
  std::vector<std::unique_ptr<engine>> idle_;
  buffer_pool buffers_;
  accept_digest digest_;
  deflate::deflaters deflaters_;
  deflate::inflaters inflaters_;
};

} // namespace harpia::websocket
