// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/server_counts.hpp"
#include "connection/connection_limits.hpp"
#include "loop/loop_context.hpp"

#include <caf/actor_addr.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace harpia::detail {

/// How long a client may take to take an HTTP answer, and then to go.
inline constexpr std::chrono::seconds answer_timeout{5};

/// Limits of the time before a socket becomes an actor.
struct handshake_limits {
  std::chrono::milliseconds timeout;
  std::size_t max_header;
};

/// What the sockets on one loop share that are no connections yet. On the loop's thread, unless it says otherwise.
struct accept_context {
  loop_context* home; // where they live
  server_counts* counts;
  handshake_limits limits;
  caf::actor_addr listener = {};           // who is told of the last connection's end
  std::atomic<std::size_t> handshakes = 0; // of this loop
  /// Refused sockets that are waited for, so at most twice as many at once.
  limited_rate awaited_refusals{64, answer_timeout};

  /// What the listener compares loops by. From any thread.
  [[nodiscard]] std::size_t load() const noexcept {
    return home->connections.size() + handshakes.load(std::memory_order_relaxed);
  }
};

/// The loop with the least to do. There must be one. From any thread.
[[nodiscard]] inline accept_context& least_busy(const std::vector<accept_context*>& loops) {
  return **std::ranges::min_element(loops, {}, [](const auto* each) { return each->load(); });
}

/// Counts a socket among those whose request is not answered yet, from its accept on, wherever it waits. On any thread.
class counted_handshake {
public:
  counted_handshake() = default;
  explicit counted_handshake(accept_context& where) noexcept : where_{&where} {
    ++where.counts->handshakes;
    ++where.handshakes;
  }
  counted_handshake(counted_handshake&& other) noexcept : where_{std::exchange(other.where_, nullptr)} {}
  counted_handshake& operator=(counted_handshake&& other) noexcept {
    std::swap(where_, other.where_);
    return *this;
  }
  ~counted_handshake() {
    if (!where_)
      return;
    --where_->counts->handshakes;
    --where_->handshakes;
  }

private:
  accept_context* where_ = nullptr; // which outlives it
};

} // namespace harpia::detail
