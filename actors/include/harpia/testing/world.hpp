// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/app.hpp>
#include <harpia/handle.hpp>
#include <harpia/http.hpp>
#include <harpia/testing/client.hpp>
#include <harpia/testing/server.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caf {
class actor;
class actor_system;
} // namespace caf

namespace harpia::inline v0::testing {

class simulation;

/// Options of a `world`.
struct world_options {
  /// Number of event loops. Connections are distributed among them as among threads.
  unsigned loops = 1;
  app_options app = {};
  /// Without a seed, the order of events is fixed. With a seed, every choice is drawn from it: which loop runs, which actor
  /// receives, which bytes arrive, and in which pieces. The same seed makes the same choices.
  std::optional<std::uint64_t> seed = std::nullopt;
  /// Bytes that the simulated kernel buffers for a client that does not read. May be 0.
  std::size_t kernel_buffer = std::size_t{64} << 10;
};

/// Options of a simulated client.
struct connect_options {
  /// Further header fields of the upgrade request. A field that a client sends by default is replaced, or left out if the value
  /// is empty.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Bytes to send instead of the upgrade request: a part of one, or nothing.
  std::optional<std::string> request = std::nullopt;
  /// Replaces `world_options::kernel_buffer` for this client.
  std::optional<std::size_t> kernel_buffer = std::nullopt;
};

/// An application under test, with its real routes, handlers, groups and actors, but without threads, sockets and real time.
///
/// The app's loops, the actors of `system()` and the clients run on the test's thread, inside of its calls. Time stands still
/// until `advance`. CAF's timed messages and time-outs follow the simulated time; `std::chrono::steady_clock` does not.
///
/// *Lifetimes* Actor handles must be destroyed before the world. Clients may outlive it.
///
/// *Not promised* Detached and blocking actors have threads of their own and do not work in a world. Neither do clients that
/// `harpia::connect` makes with an actor system.
class world {
public:
  explicit world(const world_options& options = {});
  /// With an application whose routes `declare` declares.
  explicit world(const std::function<void(harpia::app&)>& declare, const world_options& options = {});
  /// Ends everything at once, all actors included. Of the application, only `on_exit` and destructors of its actors still run, so
  /// handlers and actors may refer to objects that were destroyed before the world. Call `stop` for a graceful end.
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// The app: for routes until it starts, then for `publish`, `group`, `connections`, `stop` and `harpia::connect`. It cannot
  /// listen.
  [[nodiscard]] harpia::app& app() noexcept;
  /// The actor system for the application's own actors, which run when the world runs.
  [[nodiscard]] caf::actor_system& system() noexcept;

  /// Starts the application. The first `connect` or `get` calls it; only tests without clients need it.
  void start();
  /// Plays the server at an address, for clients that the application makes by `harpia::connect` with its app.
  ///
  /// Names are not resolved. Connections to an address without a server are refused. TLS is left out: "wss" is handled like "ws".
  /// @param authority host and port as in the URL: "backend:8080", or "backend" for the default port
  ///
  /// *Errors* Throws `std::invalid_argument` if the address has a server already.
  [[nodiscard]] server listen(std::string_view authority);

  /// Sends an upgrade request and waits for the response, unless the application defers it. A refusal does not throw, see
  /// `client::refusal`.
  /// @param target path and query
  ///
  /// *Errors* Throws `std::logic_error` once the world was stopped.
  [[nodiscard]] client connect(std::string_view target, const connect_options& options = {});
  /// Requests a page.
  ///
  /// *Errors* Throws `std::runtime_error` if there is no response.
  [[nodiscard]] http_response get(std::string_view target, const std::vector<std::pair<std::string, std::string>>& headers = {});
  /// As above, by another method, with a body. A response that is written piece by piece is there when it has ended.
  [[nodiscard]] http_response
  http(std::string_view method, std::string_view target, const std::vector<std::pair<std::string, std::string>>& headers = {},
       std::string_view body = {});

  /// Runs until nothing is left to do. Needed only for actions of the test without a client, for example a message to an actor or
  /// to a group.
  ///
  /// *Errors* Throws `std::runtime_error` if that never ends.
  void run();
  /// Lets time pass, from one due event to the next, each with all that follows from it. Timers of connections have a resolution
  /// of 100 ms and fire late rather than early.
  void advance(std::chrono::steady_clock::duration by);
  /// The time that has passed.
  [[nodiscard]] std::chrono::steady_clock::duration now() const noexcept;
  /// Stops the app gracefully, and lets the time pass that this takes.
  void stop();

  // Faults.

  /// Kills an actor, for example a member of a group: it ends at once, without notification.
  void kill(const caf::actor& victim);
  /// Kills the actor of a connection. Its client receives the close code 1011.
  void kill(const handle& victim);
  /// An actor that accepts every message and never responds.
  [[nodiscard]] caf::actor silent_actor();
  /// Sends messages to a connection until it refuses one, as remote senders do while its loop is busy.
  /// @return the number of accepted messages, which arrive with the next `run`
  ///
  /// *Errors* Throws `std::logic_error` if the connection's policy is `on_limit::drop_oldest`, which refuses nothing.
  std::size_t fill_mailbox(const handle& receiver);

private:
  std::shared_ptr<simulation> simulation_;
};

} // namespace harpia::inline v0::testing
