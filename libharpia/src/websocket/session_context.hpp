// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "deflate/inflater.hpp"
#include "websocket/buffer_pool.hpp"
#include "websocket/masking_keys.hpp"
#include "websocket/upgrade.hpp"

#include <memory>
#include <utility>

namespace harpia::inline v0::websocket {

/// The resources that the connections of one loop share: buffers, masking keys, deflaters and inflaters. Not thread-safe. Outlives the
/// connections.
class session_context {
public:
  /// @param budget limit on the bytes that all loops of the app together buffer for slow peers; null: no limit
  /// @param loop as that of `buffer_pool`
  explicit session_context(std::shared_ptr<buffer_budget> budget = nullptr, net::event_loop* loop = nullptr)
      : buffers_{std::move(budget), loop} {}

  [[nodiscard]] buffer_pool& buffers() noexcept { return buffers_; }
  [[nodiscard]] masking_keys& keys() noexcept { return keys_; }
  [[nodiscard]] const accept_digest& digest() const noexcept { return digest_; }
  [[nodiscard]] deflate::deflaters& deflaters() noexcept { return deflaters_; }
  [[nodiscard]] deflate::inflaters& inflaters() noexcept { return inflaters_; }

  /// A number from 0 to 1 that is different for each connection: the next of an evenly distributed sequence.
  [[nodiscard]] double next_share() noexcept {
    constexpr double golden_ratio = 0.6180339887498949; // its multiples, modulo 1, are far from one another
    share_ += share_ + golden_ratio < 1 ? golden_ratio : golden_ratio - 1;
    return share_;
  }

  /// Whether close frames after a failure tell the peer what failed, for development.
  [[nodiscard]] bool explains_failures() const noexcept { return explains_failures_; }
  void explain_failures() noexcept { explains_failures_ = true; }

private:
  double share_ = 0;
  bool explains_failures_ = false;
  buffer_pool buffers_;
  masking_keys keys_;
  accept_digest digest_;
  deflate::deflaters deflaters_;
  deflate::inflaters inflaters_;
};

} // namespace harpia::inline v0::websocket
