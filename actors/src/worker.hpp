// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection.hpp"
#include "connection_limits.hpp"
#include "dispatcher.hpp"
#include "group_shard.hpp"
#include "loop_scheduler.hpp"

#include <harpia/transport/channel.hpp>
#include <harpia/transport/event_loop.hpp>
#include <harpia/transport/url.hpp>

#include <caf/actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace harpia::detail {

class client_supervisor;

/// What the loops of a server count together. Any thread reads it.
struct server_counts {
  /// @param max_connections and what follows: as in `app_options`
  explicit server_counts(std::size_t max_connections = 0, std::size_t max_connections_per_address = 0,
                         std::size_t max_buffered = 0)
      : places{max_connections}, addresses{max_connections_per_address}, budget{std::make_shared<protocol::buffer_budget>(
                                                                             max_buffered)} {}

  std::atomic<std::size_t> connections = 0; // open ones
  std::atomic<std::size_t> clients = 0;     // that connect to other servers; the listener takes them off
  std::atomic<std::size_t> handshakes = 0;  // sockets whose request is not answered yet
  std::atomic<std::uint64_t> refused_origins = 0;
  std::atomic<std::uint64_t> refused_full = 0;
  std::atomic<std::uint64_t> refused_address = 0;
  std::atomic<std::uint64_t> refused_handshakes = 0;
  std::atomic<std::uint64_t> refused_proxy_headers = 0;
  std::atomic<std::uint64_t> slow_handlers = 0;
  limited_places places; // of connections
  places_by_address addresses;
  const std::shared_ptr<protocol::buffer_budget> budget; // of what connections hold for their peers
};

/// How long a client may take to take an HTTP answer, and then to go.
inline constexpr std::chrono::seconds answer_timeout{5};

/// Limits of the time before a socket becomes an actor.
struct handshake_limits {
  std::chrono::milliseconds timeout;
  std::size_t max_header;
};

/// An event loop with its thread and what lives on it. The thread runs from `start` until the loop is told to stop; without one the
/// server's driver gives the loop its turns.
struct worker {
  worker(caf::actor_system& system, std::shared_ptr<const route_set> routes, const route_options& defaults,
         handshake_limits handshake, group_directory& all_groups, server_counts& all,
         transport::event_loop::clock::time_point start)
      : loop{start, all.budget}, scheduler{system, loop}, handlers{std::move(routes), defaults}, groups{loop, all_groups},
        limits{handshake}, counts{&all} {
    // Whoever publishes and then sends to an actor here is to be heard in that order.
    scheduler.before_resume = [this] { groups.catch_up(); };
  }
  ~worker() { loop.clear(); } // actors that it still holds use the members below until they go
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  transport::event_loop loop;
  loop_scheduler scheduler;
  dispatcher handlers;
  group_shard groups;
  connection_list connections;
  std::vector<client_supervisor*> clients; // they enter and leave by themselves
  handshake_limits limits;
  server_counts* counts;
  caf::actor_addr listener;       // who is told of the last connection's end
  pinned_actor* router = nullptr; // lives as long as the loop runs
  /// What a client that connects reaches, if the loop is driven; the network, if this is empty.
  std::function<std::optional<transport::channel>(const transport::websocket_url&)> reach;
  std::minstd_rand random{std::random_device{}()}; // for waits of clients
  bool accepting = true;                           // false once the server stops
  std::atomic<std::size_t> handshakes = 0;
  /// Refused sockets that are waited for, so at most twice as many at once.
  limited_rate awaited_refusals{64, answer_timeout};
  std::thread thread; // none if the loop is driven

  /// What the listener compares loops by. From any thread.
  [[nodiscard]] std::size_t load() const noexcept { return connections.size() + handshakes.load(std::memory_order_relaxed); }

  /// Enters the user's `handler` of `pattern` in the router's name.
  template <class Function>
  std::optional<error> enter_router(const char* handler, std::string_view pattern, Function function) {
    std::optional<error> failure;
    router->run_in_place([&] { failure = handlers.enter(handler, pattern, std::move(function)); });
    return failure;
  }
};

/// Counts a socket among those whose request is not answered yet, from its accept on, wherever it waits. On any thread.
class counted_handshake {
public:
  counted_handshake() = default;
  explicit counted_handshake(worker& where) noexcept : where_{&where} {
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
  worker* where_ = nullptr; // which outlives it
};

} // namespace harpia::detail
