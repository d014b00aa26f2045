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

namespace harpia::testing {

class simulation;

struct world_options {
  /// Event loops; connections are shared out among them as among threads.
  unsigned loops = 1;
  app_options app = {};
  /// Without one, everything happens in one fixed, orderly way. With one, what happens next is drawn by it wherever it could be one
  /// thing or another: which loop has its turn, which actor receives, which bytes arrive, in which pieces. The same seed draws the same.
  std::optional<std::uint64_t> seed = std::nullopt;
  /// Bytes that the kernel takes for a client that does not read; may be 0.
  std::size_t kernel_buffer = std::size_t{64} << 10;
};

struct connect_options {
  /// Further fields of the upgrade request. One of the fields that a client sends anyway takes its place, or leaves it out if it is
  /// empty.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// What to send instead of the upgrade request: a part of one, or nothing.
  std::optional<std::string> request = std::nullopt;
  /// As that of the world, for this client.
  std::optional<std::size_t> kernel_buffer = std::nullopt;
};

/// An application under test: its real routes, handlers, groups and actors, without threads, sockets and real time.
///
/// The app's loops, the actors of `system()` and the clients take their turns on the thread of the test, inside of the calls it makes.
/// Time stands still until `advance`, and CAF's timed messages and time-outs follow it; `std::chrono::steady_clock` does not.
///
/// Detached and blocking actors have threads of their own and no place in a world, nor have clients of `harpia::connect` with an actor
/// system. Actor handles must go before it, clients may.
class world {
public:
  explicit world(const world_options& options = {});
  /// With the application that `declare` makes of an app.
  explicit world(const std::function<void(harpia::app&)>& declare, const world_options& options = {});
  /// Ends everything at once, all actors too. Nothing of the application runs any more but `on_exit` and destructors of its actors, so
  /// handlers and actors may refer to what was destroyed before the world; call `stop` to see a proper end.
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// To declare routes on until it starts; afterwards for `publish`, `group`, `connections`, `stop` and `harpia::connect`. It cannot
  /// listen on addresses.
  [[nodiscard]] harpia::app& app() noexcept;
  /// Where to spawn the application's own actors. They run when the world does.
  [[nodiscard]] caf::actor_system& system() noexcept;

  /// Starts the application. The first `connect` or `get` does so by itself; what needs it are tests without clients.
  void start();
  /// Plays the server of an address, for clients that the application has by `harpia::connect` with its app. Names are not resolved;
  /// whoever connects to an address that nobody plays is refused. TLS is left out: "wss" is spoken like "ws".
  /// @param authority host and port as in the URL: "backend:8080", or "backend" if the port is the default one
  /// @throws std::invalid_argument if somebody plays it already
  [[nodiscard]] server listen(std::string_view authority);

  /// Asks for an upgrade and waits for the answer, unless user code defers it. Does not throw for a refusal, see `client::refusal`.
  /// @param target path and query
  /// @throws std::logic_error once the world was stopped
  [[nodiscard]] client connect(std::string_view target, const connect_options& options = {});
  /// Asks for a page. @throws std::runtime_error if no answer comes
  [[nodiscard]] http_response get(std::string_view target, const std::vector<std::pair<std::string, std::string>>& headers = {});

  /// Runs until nothing is left to do. Needed only for what the test has done without a client: sent to an actor, published.
  /// @throws std::runtime_error if that never ends
  void run();
  /// Lets time pass, from one thing that is due to the next, each with all that follows from it. Timers of connections have a
  /// resolution of 100 ms, and are late rather than early.
  void advance(std::chrono::steady_clock::duration by);
  /// How much time has passed.
  [[nodiscard]] std::chrono::steady_clock::duration now() const noexcept;
  /// Stops the app gracefully, and passes the time that this takes.
  void stop();

  // Faults.

  /// Kills an actor, for example the member of a group: it ends at once and hears of nothing before.
  void kill(const caf::actor& victim);
  /// The same for a connection, which its client sees close with 1011.
  void kill(const handle& victim);
  /// An actor that takes every message and never answers.
  [[nodiscard]] caf::actor silent_actor();
  /// Sends messages to a connection, as other threads do while its loop is busy, until it takes no more.
  /// @return how many it took: they arrive with the next `run`
  /// @throws std::logic_error if its policy is `on_limit::drop_oldest`, which refuses nothing
  std::size_t fill_mailbox(const handle& receiver);

private:
  std::shared_ptr<simulation> simulation_;
};

} // namespace harpia::testing
