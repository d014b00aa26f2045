// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/listener.hpp"
#include "app/app_loop.hpp"
#include "app/stop_signals.hpp"
#include "caf_port/app_system.hpp"
#include "caf_port/spawn.hpp"
#include "client/client_supervisor.hpp"
#include "log/logger.hpp"
#include "routes/watchdog.hpp"

#include "net/acceptor.hpp"
#include "net/channel.hpp"
#include "net/event_loop.hpp"
#include "net/tls_context.hpp"
#include <harpia/app.hpp>
#include <harpia/export.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace harpia::inline v0::detail {

using visit_function = callback<void(socket_base&), rules::visit>;
using done_function = callback<void(), rules::done>;
using found_function = callback<void(handle), rules::found>;

/// Polls the loops of a server in place of threads, and advances its clock.
class driver {
public:
  [[nodiscard]] virtual net::event_loop::clock::time_point now() const noexcept = 0;
  /// Runs all loops and CAF's scheduler until no work is left.
  virtual void run() = 0;
  /// As `run`, and advances the clock until `condition` holds. @throws std::logic_error if it never will
  virtual void run_until(const std::function<bool()>& condition) = 0;
  /// The seed of a loop's random numbers.
  [[nodiscard]] virtual std::uint32_t seed() = 0;
  /// Opens the transport of a client to `where`. @return nothing if no server listens there
  virtual std::optional<net::channel> open_transport(const http::websocket_url& where) = 0;

protected:
  ~driver() = default;
};

/// The implementation of an app: its routes until it starts, then its loops, their threads and its actors.
class server {
public:
  /// @param of owns this object
  server(app& of, app_options options, caf::actor_system* external_system);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// @throws std::logic_error once the server has started
  [[nodiscard]] router& root();
  [[nodiscard]] std::string explain();
  void start(const listen_options& options);
  void reload_tls();
  /// Starts without threads and addresses: `by` drives its loops, and connections come through `accept`. It must outlive the server.
  HARPIA_KIT_API void start_driven(unsigned loops, driver& by);
  /// Hands a connection to a driven server.
  HARPIA_KIT_API void accept(net::channel connection);
  [[nodiscard]] const std::vector<std::unique_ptr<app_loop>>& loops() const noexcept { return loops_; }
  void wait();
  void stop();
  void stop_on_signals();

  /// Runs a client on one of the loops. @throws std::logic_error unless the server is running
  [[nodiscard]] std::shared_ptr<client_state> connect(client_settings settings);

  /// The actor system, made if there is none yet. @throws std::logic_error after the end
  [[nodiscard]] caf::actor_system& system();
  /// Calls `visit` with each connection, on their threads, and then `done` on one of them.
  void for_each_connection(visit_function visit, done_function done);
  /// Calls `then` once with the open connection of that number, or with an empty handle.
  void find_connection(std::uint64_t id, found_function then);

  [[nodiscard]] std::shared_ptr<group_home> group(std::string_view name) { return groups_->get(name); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_.load(); }
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::size_t connections() const noexcept { return counts_.connections.load(); }
  [[nodiscard]] app_statistics statistics() const;
  [[nodiscard]] engine_state state_of_engine() const noexcept { return desk_ ? desk_->state() : engine_state::none; }
  /// From now on the engine runs no functions of the program.
  void mute_engine() noexcept {
    if (desk_)
      desk_->mute();
  }
  [[nodiscard]] const logger& log() const noexcept { return *log_; }

private:
  class signal_watch;
  enum class phase { fresh, running, stopping, stopped, joining, joined };

  /// Stops, unless another thread holds the lock. @return whether it could
  [[nodiscard]] bool try_stop();
  void begin_stop();
  template <class Visit>
  void walk_all(std::size_t portion, Visit visit);
  void check_may_start(const listen_options& options) const;
  [[nodiscard]] caf::actor_system& actor_system();
  void launch(unsigned threads);
  void await_loops();
  void start_engine();
  void end_engine();
  void watch(std::shared_ptr<const route_set> routes);
  void launch(caf::actor_system& system, const std::shared_ptr<const route_set>& routes);
  caf::strong_actor_ptr spawn_group(std::shared_ptr<group_home> home);
  void shut_down();

  app* app_;
  app_options options_;
  router root_;
  std::shared_ptr<const route_set> routes_; // those of `root_`, once it has started
  caf::actor_system* external_system_;
  std::unique_ptr<app_system> own_system_;
  server_counts counts_;
  const std::shared_ptr<logger> log_;
  const std::shared_ptr<engine_desk> desk_; // null if the app has no engine
  const std::shared_ptr<group_directory> groups_ = std::make_shared<group_directory>(log_, desk_);
  std::unique_ptr<net::event_loop> engine_loop_; // null without an engine, and if the loops are driven
  std::thread engine_thread_;                    // runs it
  std::unique_ptr<stop_signals> signals_;        // null unless it stops on signals
  std::vector<std::unique_ptr<app_loop>> loops_;
  std::unique_ptr<watchdog> watchdog_; // null unless the loops have threads
  std::mutex group_actors_mutex_;
  std::vector<caf::weak_actor_ptr> group_actors_; // guarded by group_actors_mutex_; some may have ended
  std::vector<caf::actor> routers_;
  typed_ref<listener> listener_;
  driver* driver_ = nullptr; // null: the loops have threads
  unsigned threads_ = 0;
  std::atomic<std::uint16_t> port_ = 0;

  mutable std::mutex mutex_; // guards the members below
  std::condition_variable changed_;
  phase phase_ = phase::fresh;
  std::size_t waiting_ = 0; // threads in `wait`
  std::string address_;
  std::vector<std::shared_ptr<net::tls_server>> tls_; // of the addresses with TLS
};

} // namespace harpia::inline v0::detail
