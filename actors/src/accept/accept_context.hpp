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
#include <functional>
#include <utility>

namespace harpia::inline v0::detail {

/// Time that a client has to receive an HTTP response and then close the connection.
inline constexpr std::chrono::seconds answer_timeout{5};

/// Limits of a socket that is no actor.
struct http_limits {
  std::chrono::milliseconds timeout; // for a request to be read, and to be decided on
  std::size_t max_header;
  std::chrono::milliseconds keep_alive;
  std::size_t keep_alive_requests;
  std::chrono::milliseconds stop_timeout; // without progress, while the server stops
  std::size_t max_idle;                   // sockets of the server that wait for a further request
};

/// State shared by the sockets on one loop that are not yet WebSocket connections. On the loop's thread, unless stated otherwise.
struct accept_context {
  loop_context* context; // the loop of these sockets
  server_counts* counts;
  http_limits limits;
  caf::actor_addr listener = {};           // receives `connections_ended_atom` after the last connection ended
  std::atomic<std::size_t> handshakes = 0; // on this loop
  /// Limits the refused sockets that stay open for the response. Two adjacent windows allow at most twice this number at once.
  limited_rate awaited_refusals{64, answer_timeout};

  /// The load by which the listener compares loops. From any thread.
  [[nodiscard]] std::size_t load() const noexcept {
    return context->connections.size() + handshakes.load(std::memory_order_relaxed);
  }
};

/// The loop with the least load. From any thread.
/// @param loops pointers to them, at least one
/// @param accept_of the `accept_context` of one
template <class Loops, class AcceptOf = std::identity>
[[nodiscard]] auto& least_busy(const Loops& loops, AcceptOf accept_of = {}) {
  return **std::ranges::min_element(loops, {}, [&](const auto& each) { return std::invoke(accept_of, *each).load(); });
}

/// Counts a socket as an open handshake, from its accept until its request is answered. On any thread.
class counted_handshake {
public:
  counted_handshake() = default;
  explicit counted_handshake(accept_context& context) noexcept : context_{&context} {
    ++context.counts->handshakes;
    ++context.handshakes;
  }
  counted_handshake(counted_handshake&& other) noexcept : context_{std::exchange(other.context_, nullptr)} {}
  counted_handshake& operator=(counted_handshake&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
  }
  ~counted_handshake() {
    if (!context_)
      return;
    --context_->counts->handshakes;
    --context_->handshakes;
  }

private:
  accept_context* context_ = nullptr; // outlives this object
};

/// Counts one more in a count of the server. On any thread.
template <std::atomic<std::size_t> server_counts::*Count>
class counted {
public:
  counted() = default;
  explicit counted(server_counts& counts) noexcept : counts_{&counts} { ++(counts.*Count); }
  counted(counted&& other) noexcept : counts_{std::exchange(other.counts_, nullptr)} {}
  counted& operator=(counted&& other) noexcept {
    std::swap(counts_, other.counts_);
    return *this;
  }
  ~counted() {
    if (counts_)
      --(counts_->*Count);
  }

private:
  server_counts* counts_ = nullptr; // outlives this object
};

} // namespace harpia::inline v0::detail
