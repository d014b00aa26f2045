// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "testing/peer.hpp"

#include "app/server.hpp"
#include "caf_port/kit_scheduler.hpp"

#include <harpia/app.hpp>
#include <harpia/testing/world.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace harpia::inline v0::testing {

/// Random numbers that are identical on every platform (splitmix64).
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) noexcept : state_{seed} {}

  /// From 0 to `count` - 1; `count` is positive.
  std::size_t below(std::size_t count) noexcept;

private:
  std::uint64_t state_;
};

/// The implementation of a `server`.
class listening {
public:
  explicit listening(std::weak_ptr<simulation> world) noexcept : world_{std::move(world)} {}
  ~listening();
  listening(const listening&) = delete;
  listening& operator=(const listening&) = delete;

  [[nodiscard]] std::shared_ptr<simulation> world() const;
  void add(std::shared_ptr<peer> client);
  /// `waiting` is the number of clients with a request. `take` returns the first of them; null if there is none.
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::shared_ptr<peer> take();

private:
  std::weak_ptr<simulation> world_;
  std::vector<std::shared_ptr<peer>> clients_; // bounded by the application's waiting clients
};

/// The implementation of a world: an app with driven loops, CAF's deterministic scheduler, one clock for both, and the busy peers.
/// A step is one of: a peer delivers or takes; a loop has a turn, or with a seed the smallest part of one; an actor of CAF's scheduler
/// receives one message.
class simulation final : public std::enable_shared_from_this<simulation>, public detail::driver {
public:
  using clock = net::event_loop::clock;

  explicit simulation(const world_options& options);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  [[nodiscard]] harpia::app& app() noexcept { return *app_; }
  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] clock::time_point now() const noexcept override;
  [[nodiscard]] std::size_t kernel_buffer() const noexcept { return kernel_buffer_; }
  [[nodiscard]] clock::duration elapsed() const noexcept { return now() - start_; }

  void start();
  /// Makes a peer that has sent `request`, with a connection that the listener will accept.
  std::shared_ptr<peer> connect(peer::kind what, std::string name, std::size_t kernel_buffer, const std::string& request);
  std::shared_ptr<listening> listen(std::string_view authority);
  [[nodiscard]] std::uint32_t seed() override;
  [[nodiscard]] std::optional<net::channel> open_transport(const http::websocket_url& where) override;
  void stop();

  void list(peer& busy);

  void run() override;
  void run_until(const std::function<bool()>& condition) override;
  /// Call it after an input. Runs, or with a seed takes a few steps.
  void settle();
  /// Runs, with a seed only until `condition` holds. It need not hold afterwards.
  void await(const std::function<bool()>& condition);
  void advance(clock::duration by);

  /// Keeps `actor` alive as long as the world.
  void hold(caf::actor actor) { held_actors_.push_back(std::move(actor)); }

private:
  [[nodiscard]] const std::vector<std::unique_ptr<detail::app_loop>>& loops() const noexcept { return server_->loops(); }

  void take_steps(const std::function<bool()>& enough);
  bool pass();
  bool random_step();
  void take_random_step(peer& busy);
  void deliver_and_take(peer& busy);
  void relist(const std::shared_ptr<peer>& busy);
  [[nodiscard]] std::optional<clock::time_point> next_due() const;
  void move_to(clock::time_point time);
  void abandon();

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::optional<detail::kit_scheduler> scheduler_; // of system_
  clock::time_point start_;
  unsigned loops_;
  std::size_t kernel_buffer_;
  std::optional<random_numbers> random_;
  std::deque<std::shared_ptr<peer>> busy_;                               // each peer at most once
  std::map<std::string, std::weak_ptr<listening>, std::less<>> servers_; // by authority
  std::vector<caf::actor> held_actors_;
  std::unique_ptr<harpia::app> app_;
  detail::server* server_; // of app_; also valid while app_ is being destroyed
  bool started_ = false;
  bool stopped_ = false;
  bool running_ = false;
  bool abandoned_ = false; // no code of the application runs any more
};

} // namespace harpia::inline v0::testing
