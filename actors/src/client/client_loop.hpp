// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "client/client_context.hpp"
#include "client/client_supervisor.hpp"
#include "loop/loop_context.hpp"

#include "net/timer_wheel.hpp"

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace harpia::inline v0::detail {

/// An event loop with a thread of its own for clients.
class client_loop final : net::timer {
public:
  /// @param on_idle is called on the loop's thread when there has been no client for a while
  client_loop(caf::actor_system& system, std::function<void()> on_idle);
  /// Must not run on the loop's thread. All clients must have ended.
  ~client_loop() override;

  [[nodiscard]] client_context& clients() noexcept { return clients_; }
  /// A client has ended. On the loop's thread.
  void on_client_ended();
  /// Closes every client with 1001, and terminates those whose servers do not answer in time. Blocks until all have ended.
  void shut_down();

private:
  void on_timer() override;

  std::shared_ptr<group_directory> groups_ = std::make_shared<group_directory>();
  client_context clients_{.context = &context_};
  loop_context context_; // destroyed before the members above
  std::thread thread_;
  std::function<void()> on_idle_;
  bool ending_ = false;
};

/// Owns the loop that the clients of an actor system share. The loop exists while there are clients. The keeper is in the system's
/// registry and ends with the system. Thread-safe.
class client_keeper : public std::enable_shared_from_this<client_keeper> {
public:
  /// The keeper of a system, created on the first call. Concurrent first calls may create two.
  [[nodiscard]] static std::shared_ptr<client_keeper> of(caf::actor_system& system);

  explicit client_keeper(caf::actor_system& system) : system_{&system} {}

  /// Makes a client. While the system ends, the new client has already ended.
  [[nodiscard]] std::shared_ptr<client_state> connect(client_settings settings);

private:
  class actor;

  void on_client_ended(client_loop& loop);
  void collect();
  void shut_down();

  caf::actor_system* system_;
  caf::weak_actor_ptr actor_; // the registry owns it
  std::mutex mutex_;          // guards the members below
  std::unique_ptr<client_loop> loop_;
  std::size_t clients_ = 0;
  bool stopped_ = false;
};

} // namespace harpia::inline v0::detail
