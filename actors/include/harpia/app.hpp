// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/engine.hpp>
#include <harpia/export.hpp>
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/listen_options.hpp>
#include <harpia/log.hpp>
#include <harpia/router.hpp>
#include <harpia/statistics.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace caf {
class actor_system;
}

namespace harpia::inline v0 {

namespace detail {
class server;
struct app_access;
} // namespace detail
namespace testing {
class simulation;
}

class app;

/// Defaults and limits of an app. Durations may be of any length: the longest mean never.
struct app_options {
  /// What routes inherit that set no option of their own, see `route_options`.
  route_options route = {};
  /// How long a client may take to send the head of its request, and then for each kilobyte of a body; how long a deferred upgrade or page
  /// may take to be answered. Must be positive.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
  /// Largest request line and header section, in bytes. A larger one gets 431.
  std::size_t max_header = std::size_t{16} << 10;
  /// Sockets whose request has no answer yet, or whose page is still being written: streams of server-sent events, too. One more gets
  /// 503.
  std::size_t max_handshakes = 16384;
  /// How long a connection that has got a page stays open for a further request. 0: it is closed after each page. At most half of
  /// `max_handshakes` such connections may stay open; beyond that they are closed.
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds{15};
  /// Pages that one connection may get. Must be at least 1.
  std::size_t keep_alive_requests = 1000;
  /// WebSocket connections at a time, including upgrades that are being decided on. One more gets 503. Pages are served even at
  /// the limit. 0: no limit.
  std::size_t max_connections = 0;
  /// Sockets of one client at a time, whether open or without a complete request. One more gets 429. A client is an IPv4 address,
  /// or the first 64 bits of an IPv6 address. Unix sockets are not counted. Behind a proxy, `listen_options::trusted_proxies` or
  /// `proxy_protocol` determine the client's address. 0: no limit.
  std::size_t max_connections_per_address = 0;
  /// Bytes that all connections together may buffer for slow peers, not counting what the system has taken. Beyond it, a message
  /// to a connection that already has bytes buffered meets the `on_limit` policy of that connection; connections without buffered
  /// bytes are not affected. A frame that is sent to many connections counts once for each. 0: only the limits of the connections
  /// apply.
  std::size_t max_buffered = 0;

  /// Called once when the app begins to stop, before any connection is closed: `.closing = [](harpia::app& app) {…}`. A last message to
  /// clients can be sent here; clients whose upgrade is in progress may miss it. Runs on an event loop's thread and must not block.
  /// Exceptions are logged.
  callback<void(app& stopping), detail::rules::closing> closing = {};
  /// The close code for connections when the app stops: `going_away`, or `service_restart` if clients may reconnect at once.
  close_code stop_code = close_code::going_away;
  /// The time over which `stop` closes connections, evenly distributed, so that reconnecting clients do not arrive all at once.
  /// 0: all at once.
  std::chrono::milliseconds stop_spread{0};
  /// How long `stop` waits after `stop_spread` for a peer that takes no bytes to answer its close frame. Then the connection is aborted. A
  /// peer that goes on taking what was sent to it before is waited for. Must be positive.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds{5};
  /// Shares groups with the other apps that have it. Without one all groups are local.
  harpia::engine engine = {};
  /// Receives what the app writes to its log, see `log_record`.
  log_sink log = log_to_standard_error;
  /// The lowest level of records that `log` receives. `listen_options::development` lowers it to `debug`.
  harpia::log_level log_level = harpia::log_level::warning;

  /// A handler that runs for longer is reported to the log while it still runs, and is counted: it delays all other
  /// connections of its event loop. A thread checks four times per period, so a report may be late by a quarter of it. 0: never.
  std::chrono::milliseconds slow_handler = std::chrono::seconds{1};
};

/// A WebSocket server: routes, event loops and the actors that connect them.
///
/// Declare routes first. Then call `listen`, which serves until stopped, or `start`, which returns at once. Routes cannot be
/// added afterwards.
///
/// *Errors* The constructors throw `std::invalid_argument` naming the option that is out of range. Functions that declare routes
/// throw as those of `router`, and `std::logic_error` once the app has started.
///
/// *Thread safety* Functions that declare routes must be called by one thread, before the app starts. All others may be called from any
/// thread.
///
/// *Lifetimes* An app makes its own actor system, or uses that of the caller, which must outlive it. The destructor stops the app
/// and waits.
class HARPIA_API app : public route_declarations<app> {
public:
  explicit app(app_options options = {});
  explicit app(caf::actor_system& system, app_options options = {});
  ~app();
  app(const app&) = delete;
  app& operator=(const app&) = delete;

  /// What each route has: a line for each WebSocket route and page, with the options that were set for it, by whomever.
  ///
  /// *Thread safety* May be called from any thread once the app has started; before, not while routes are declared.
  [[nodiscard]] std::string explain();

  /// Listens, and serves until `stop`. Notifies a service manager that asks for it, see sd_notify(3).
  /// @param on_listening is called once the address is bound
  /// @return 0 after a `stop`; 1 if the address could not be bound, after writing the cause to the log
  ///
  /// *Errors* Throws `std::invalid_argument` for contradictory options, for a middleware that is around no route, and for a certificate or
  /// key that cannot be used. Throws
  /// `std::logic_error` if the app was stopped before.
  int listen(const listen_options& options = {}, const std::function<void()>& on_listening = {});

  /// Listens and returns. May be called again to listen on further addresses.
  ///
  /// *Errors* Throws as `listen`, and `std::system_error` naming the address if it cannot be bound. Throws
  /// `std::invalid_argument` if a further call sets another number of `threads`.
  void start(const listen_options& options = {});

  /// Reads the certificates and keys of every TLS address again, after they have been renewed. Open connections keep the old
  /// ones; new connections use the new ones.
  ///
  /// *Errors* Throws `std::invalid_argument` naming the file that cannot be used, and the cause. Its address, and those that were
  /// added after it, then keep the certificates that they have.
  ///
  /// *Thread safety* May be called from any thread.
  void reload_tls();

  /// Blocks until the app has stopped. Returns at once if it never started.
  ///
  /// *Errors* Throws `std::logic_error` on the thread of one of its event loops, where it would wait for itself.
  ///
  /// *Thread safety* May be called by several threads, also while another one destroys the app.
  void wait();

  /// Stops accepting, calls `app_options::closing`, and closes every connection with `stop_code`. Messages that were accepted
  /// before leave first. Connections whose peer neither takes bytes nor answers for `stop_timeout` are aborted. Pages that are being
  /// written are finished under the same condition; streams are cut.
  ///
  /// Returns at once; `wait` and `listen` return when the app has stopped.
  ///
  /// *Thread safety* May be called from any thread and in handlers, but not in a signal handler: use `stop_on_signals` instead.
  void stop();

  /// Makes SIGINT and SIGTERM call `stop`, whatever threads the program has, and also for several apps. To be called before the app starts.
  ///
  /// It handles both signals from then on, until the last app that stops on signals is destroyed; then the program's own handlers are back.
  ///
  /// *Errors* Throws `std::logic_error` once the app has started, and `std::system_error` if there are no descriptors left.
  void stop_on_signals();

  /// The actor system of the app: its own, which exists from the first call or the start on, or the caller's. Actors that are spawned in it
  /// may be asked by handlers. <caf/actor_system.hpp> must be included.
  ///
  /// *Errors* Throws `std::logic_error` once the app has ended.
  ///
  /// *Thread safety* May be called from any thread.
  ///
  /// *Lifetimes* The app's own system ends before `wait` and `listen` return.
  [[nodiscard]] caf::actor_system& system();

  /// Calls `visit(ws)` once for every connection that is open at its turn, on the thread of the connection, as an event of its own. Each loop
  /// visits its connections in portions, with its other work in between. Connections that open meanwhile may be left out, and those of
  /// clients of this app are.
  /// @param done is called after the last one, on one of the loops' threads
  ///
  /// *Errors* As those of handlers. If the app is not running, `done` is called at once.
  ///
  /// *Thread safety* May be called from any thread. Loops call `visit` concurrently.
  void for_each_connection(callback<void(socket_base& ws), detail::rules::visit> visit,
                           callback<void(), detail::rules::done> done = {});

  /// Passes a handle of the open connection with that number to `then`, or an empty one if there is none: those of clients of this app are not
  /// found. The loops look for it in portions.
  /// @param id see `handle::id`
  /// @param then is called once, on one of the loops' threads, or at once if the app is not running; must not block
  ///
  /// *Thread safety* May be called from any thread.
  void connection(std::uint64_t id, callback<void(handle found), detail::rules::found> then);

  /// Publishes to a group from outside of its connections, see `group::publish`.
  ///
  /// *Thread safety* May be called from any thread.
  publish_status publish(std::string_view group, message_view message, publish_options options = {}) {
    return this->group(group).publish(message, std::move(options));
  }
  template <codec Codec>
  publish_status publish(std::string_view group, const Codec& codec, const typename Codec::message_type& value,
                         publish_options options = {}) {
    return this->group(group).publish(codec, value, std::move(options));
  }

  /// Returns the group of that name. The group exists at least as long as the returned handle.
  ///
  /// *Thread safety* May be called from any thread.
  [[nodiscard]] harpia::group group(std::string_view name);

  /// The port of the first bound TCP address; 0 if there is none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// The first bound address: "HOST:PORT", or the path of a Unix socket.
  [[nodiscard]] std::string address() const;
  /// The number of open connections at this moment.
  [[nodiscard]] std::size_t connections() const noexcept;
  /// A snapshot of the server's counters.
  ///
  /// *Thread safety* May be called from any thread.
  [[nodiscard]] app_statistics statistics() const;
  /// How the app and its engine are connected at this moment.
  [[nodiscard]] harpia::engine_state engine_state() const noexcept;

private:
  friend class testing::simulation; // runs an app without threads and sockets
  friend struct detail::app_access;
  template <class Self>
  friend class route_declarations;

  router& root();

  std::unique_ptr<detail::server> server_;
};

} // namespace harpia::inline v0
