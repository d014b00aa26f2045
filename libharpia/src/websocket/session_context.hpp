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

/// What the connections of one loop share: buffers, engines, what those share, and what to compress with. Not thread-safe; outlives the
/// connections.
class session_context {
public:
  /// How many engines that nobody needs are kept, at some four kilobytes each.
  static constexpr std::size_t max_idle = 32;

  /// @param budget what this and other loops may hold together for peers that do not keep up; null: there is no such limit
  explicit session_context(std::shared_ptr<buffer_budget> budget = nullptr)
      : resources_{make_engine_resources()}, buffers_{std::move(budget)} {}

  /// A new engine, to connect with.
  [[nodiscard]] std::unique_ptr<engine> make() { return resources_->make(); }
  /// One that is open already.
  [[nodiscard]] std::unique_ptr<engine> borrow();
  /// Takes an idle engine of a server.
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
