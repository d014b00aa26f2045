// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/export.hpp>
#include <harpia/group.hpp>
#include <harpia/listen_options.hpp>
#include <harpia/router.hpp>

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

namespace harpia {

namespace detail {
class server;
struct app_access;
} // namespace detail
namespace testing {
class simulation;
}

/// Defaults and limits of a whole program.
struct app_options {
  /// For routes that were given no options of their own.
  route_options route = {};
  /// How long a client may take to send its request, and a deferred upgrade to be answered.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
  /// Largest request line and header section, in bytes; a larger one gets 431.
  std::size_t max_header = std::size_t{16} << 10;
  /// Sockets that have not finished their request; one more gets 503.
  std::size_t max_handshakes = 16384;
  /// WebSockets at once, those whose upgrade is being decided on included; one more gets 503. Pages are served all the same. 0: any
  /// number.
  std::size_t max_connections = 0;
  /// Sockets of one client at once, open or still without a request: one more gets 429. A client is an IPv4 address, or the first
  /// 64 bits of an IPv6 address. Unix sockets are not counted. Behind a proxy a client's address is what
  /// `listen_options::trusted_proxies` or `proxy_protocol` make it. 0: any number.
  std::size_t max_connections_per_address = 0;
  /// Bytes that all connections together may hold for peers that do not keep up, as far as the system did not take them. Beyond it, what
  /// is sent to a connection that holds some meets its `on_limit` policy; those that keep up do not notice. A frame that is sent to
  /// many counts for each. 0: no limit but those of the connections.
  std::size_t max_buffered = 0;

  /// Is called once when the app begins to stop, before any connection is closed: the last moment to tell clients something. Those whose
  /// upgrade is under way at that moment may miss it. On an event loop's thread; it must not block, and what it throws is logged.
  std::function<void()> closing = {};
  /// What connections are closed with when the app stops: `going_away`, or `service_restart` if clients may come back at once.
  close_code stop_code = close_code::going_away;
  /// The time over which `stop` closes connections, evenly, so that clients that come back do not come all at once. 0: all at once.
  std::chrono::milliseconds stop_spread{0};
  /// How long `stop` waits, after that, for peers to answer their close frames before it cuts them.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds{5};
  /// A handler that has not returned after so long is reported on standard error, while it still runs, and counted: all other
  /// connections of its event loop wait for it. A thread looks four times in this time, so it may be a quarter later. 0: never.
  std::chrono::milliseconds slow_handler = std::chrono::seconds{1};
};

/// What a server has at a moment, and whom it has turned away since it was made. The numbers may be of slightly different moments.
struct app_statistics {
  std::size_t connections = 0; ///< open ones, see `app::connections`
  std::size_t handshakes = 0;  ///< sockets whose request is not answered yet
  std::size_t buffered = 0;    ///< bytes that wait for peers that do not keep up, see `app_options::max_buffered`
  // Refused:
  std::uint64_t refused_origins = 0;    ///< by `route_options::origins`
  std::uint64_t refused_full = 0;       ///< by `max_connections`
  std::uint64_t refused_address = 0;    ///< by `max_connections_per_address`
  std::uint64_t refused_handshakes = 0; ///< by `max_handshakes`
  /// By `listen_options::proxy_protocol`: no header or a malformed one, or it came from nobody who is trusted. Who went without
  /// a byte is not counted.
  std::uint64_t refused_proxy_headers = 0;
  std::uint64_t slow_handlers = 0; ///< noticed by `app_options::slow_handler`
};

/// A WebSocket server: routes, event loops and the actors that tie them together.
///
/// Declare routes, then `listen` (serves until stopped) or `start` (returns at once). Routes are fixed from then on.
///
/// Thread safety: `stop`, `publish`, `reload_tls`, `port`, `connections`, `statistics` may be called from any thread; everything else
/// by one thread.
/// Ownership: makes its own actor system, or borrows the user's, which must outlive it. The destructor stops and waits.
class HARPIA_API app {
public:
  explicit app(app_options options = {});
  explicit app(caf::actor_system& system, app_options options = {});
  ~app();
  app(const app&) = delete;
  app& operator=(const app&) = delete;

  /// As `router::ws`.
  template <class Data = no_data>
  app& ws(std::string_view pattern, handlers<Data> callbacks) {
    root().ws<Data>(pattern, std::move(callbacks));
    return *this;
  }
  template <class Data = no_data>
  app& ws(std::string_view pattern, handlers<Data> callbacks, route_options options) {
    root().ws<Data>(pattern, std::move(callbacks), std::move(options));
    return *this;
  }
  template <class Data = no_data, behaviour_of<Data> Make>
  app& ws(std::string_view pattern, Make make, std::optional<route_options> options = {}) {
    root().ws<Data>(pattern, std::move(make), std::move(options));
    return *this;
  }
  template <class Data = no_data, behaviour_of<Data> Make>
  app& ws(std::string_view pattern, handlers<Data> callbacks, Make make, std::optional<route_options> options = {}) {
    root().ws<Data>(pattern, std::move(callbacks), std::move(make), std::move(options));
    return *this;
  }
  /// As `router::use`.
  app& use(middleware layer);
  app& use(std::string_view prefix, middleware layer);
  app& use(middleware_factory make);
  app& use(std::string_view prefix, middleware_factory make);
  template <class Data = no_data, codec Codec>
  app& ws(std::string_view pattern, Codec codec, typed_handlers<Data, typename Codec::message_type> callbacks) {
    root().ws<Data>(pattern, std::move(codec), std::move(callbacks));
    return *this;
  }
  template <class Data = no_data, codec Codec>
  app& ws(std::string_view pattern, Codec codec, typed_handlers<Data, typename Codec::message_type> callbacks,
          route_options options) {
    root().ws<Data>(pattern, std::move(codec), std::move(callbacks), std::move(options));
    return *this;
  }
  /// As `router::get`.
  app& get(std::string_view pattern, http_handler handler);
  /// As `router::serve_files`.
  app& serve_files(std::string_view prefix, const std::filesystem::path& folder);
  /// As `router::routes`.
  app& routes(const router& mounted);
  app& routes(std::string_view prefix, const router& mounted);

  /// Listens, calls `on_listening` once the address is bound, tells a service manager that asks for it (sd_notify(3)), and serves until
  /// `stop`.
  /// @return 0 after a `stop`; 1 if it could not listen, having written why to standard error
  /// @throws std::invalid_argument for contradictory options, and for a certificate or key that cannot be used
  int listen(const listen_options& options = {}, const std::function<void()>& on_listening = {});

  /// Listens and returns. May be called again for further addresses.
  /// @throws std::invalid_argument as `listen`, std::system_error naming the address if it cannot be bound
  void start(const listen_options& options = {});

  /// Reads the certificates and keys of every address with TLS again, after they have been renewed. Connections that are open keep
  /// what they have; new ones get the new ones. From any thread.
  /// @throws std::invalid_argument naming the file that cannot be used, and why; its address goes on with what it has,
  /// and so do those that were added after it
  void reload_tls();

  /// Waits until the app has stopped. Returns at once if it never started.
  void wait();

  /// Stops accepting, calls `closing`, closes every connection with `stop_code`, all that was sent before leaving first, and cuts those
  /// that did not answer within `stop_timeout`. Returns at once: `wait` and `listen` return when it is done. Safe in a handler; in a
  /// signal handler use `stop_on_signals` instead.
  void stop();

  /// Makes SIGINT and SIGTERM call `stop`. The signals are blocked in the calling thread and in those that it starts afterwards; any
  /// other thread of the program must block them too, or the system may deliver them there and end the program. So call it
  /// before any thread starts. A borrowed actor system has threads already: block both signals with `pthread_sigmask` before making it.
  void stop_on_signals();

  /// Publishes to a group from outside of its connections, see `socket_base::publish`. From any thread.
  void publish(std::string_view group, message_view message, publish_options options = {}) {
    this->group(group).publish(message, std::move(options));
  }
  void publish(std::string_view group, std::string_view text, publish_options options = {}) {
    publish(group, message_view{text}, std::move(options));
  }

  /// The group of that name, which is in being at least as long as the handle. From any thread.
  [[nodiscard]] harpia::group group(std::string_view name);

  /// The port of the first TCP address that was bound; 0 if there is none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "HOST:PORT" or the Unix socket's path of the first address that was bound.
  [[nodiscard]] std::string address() const;
  /// Open connections at this moment.
  [[nodiscard]] std::size_t connections() const noexcept;
  /// From any thread.
  [[nodiscard]] app_statistics statistics() const noexcept;

private:
  friend class testing::simulation; // which runs it without threads and sockets
  friend struct detail::app_access;

  router& root();

  std::unique_ptr<detail::server> server_;
};

} // namespace harpia
