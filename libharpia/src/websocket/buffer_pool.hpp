// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/buffer_budget.hpp"
#include "websocket/write_chain.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace harpia::websocket {

/// A pool of write buffers and write chains for the connections of one loop. An idle connection holds none, and a busy one allocates
/// none. Not thread-safe.
class buffer_pool {
public:
  static constexpr std::size_t initial_capacity = 2048;
  static constexpr std::size_t max_kept = 512;                            // buffers, and as many write chains
  static constexpr std::size_t max_kept_capacity = std::size_t{64} << 10; // bytes per buffer; larger ones are freed

  /// @param budget the app's; null: no limit
  explicit buffer_pool(std::shared_ptr<buffer_budget> budget = nullptr) noexcept : budget_{std::move(budget)} {}

  [[nodiscard]] std::string take() {
    if (free_.empty()) {
      std::string fresh;
      fresh.reserve(initial_capacity);
      return fresh;
    }
    auto buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  void give(std::string&& buffer) {
    if (free_.size() == max_kept || buffer.capacity() > max_kept_capacity || buffer.capacity() < initial_capacity)
      return;
    buffer.clear();
    free_.push_back(std::move(buffer));
  }

  [[nodiscard]] std::unique_ptr<write_chain> take_chain() {
    if (chains_.empty())
      return std::make_unique<write_chain>();
    auto taken = std::move(chains_.back());
    chains_.pop_back();
    return taken;
  }

  /// @param empty a write chain without pending bytes
  void give(std::unique_ptr<write_chain> empty) {
    if (chains_.size() < max_kept)
      chains_.push_back(std::move(empty));
  }

  [[nodiscard]] const std::shared_ptr<buffer_budget>& budget() const noexcept { return budget_; }

private:
  std::shared_ptr<buffer_budget> budget_;
  std::vector<std::string> free_;
  std::vector<std::unique_ptr<write_chain>> chains_;
};

} // namespace harpia::websocket
