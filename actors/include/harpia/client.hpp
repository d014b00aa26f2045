// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/client_options.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/message_view.hpp>
#include <harpia/router.hpp>
#include <harpia/send_status.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace caf {
class actor_system;
}

namespace harpia {

class app;

namespace detail {
struct access;
class client_state;
} // namespace detail

/// A handle to a WebSocket client, made by `connect`. Include <harpia/actors.hpp> to use the client as a `caf::actor`.
///
/// *Thread safety* May be copied and used on any thread and by any actor.
///
/// *Lifetimes* Does not own the client, which runs until it is closed, or until its actor system or app ends. The handle may
/// outlive those.
class HARPIA_API client {
public:
  /// Refers to no client.
  client() = default;

  /// Sends a message over the current connection, as `handle::send`.
  /// @return `closed` also while there is no connection
  send_status send(message_view message, std::string_view key = {}) const;
  send_status send(std::string_view text, std::string_view key = {}) const { return send(message_view{text}, key); }
  send_status send(std::span<const std::byte> bytes, std::string_view key = {}) const { return send(message_view{bytes}, key); }

  /// Closes the connection, if there is one, and ends the client: it does not reconnect.
  ///
  /// Messages that this thread has sent before leave first. Returns at once; `send` returns `closed` from now on.
  ///
  /// *Errors* Throws `std::invalid_argument` if `code` must not be sent or `reason` is over 123 bytes or not UTF-8.
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// Whether there is a connection that accepts messages at this moment. The answer may be outdated when it returns.
  [[nodiscard]] bool is_open() const noexcept;

private:
  friend struct detail::access;
  explicit client(std::shared_ptr<detail::client_state> state) noexcept : state_{std::move(state)} {}

  std::shared_ptr<detail::client_state> state_;
};

namespace detail {
HARPIA_API client connect(caf::actor_system& system, std::string_view url, std::shared_ptr<const endpoint> target,
                          client_options options);
HARPIA_API client connect(app& host, std::string_view url, std::shared_ptr<const endpoint> target, client_options options);
} // namespace detail

/// Connects to a WebSocket server, and reconnects whenever the connection is lost. Returns at once.
///
/// Each connection is an actor with a `Data` of its own and runs its handlers as on a server. `upgrade` is not called, and
/// `ws.request()` is the request that was sent.
///
/// The client ends after `client::close`, `ws.close` or `ws.terminate`, and after one attempt under `reconnect::never`. Otherwise
/// it reconnects, whatever close code the server sent.
///
/// All clients of an actor system share one event loop; its thread exists while there are clients. When the system or the app
/// ends, they are closed with 1001. They do not keep an actor system from ending.
/// @param url "ws://HOST[:PORT][/PATH][?QUERY]", or "wss://…" for TLS. The name is resolved for each attempt, on a separate
/// thread
///
/// *Errors* Throws `std::invalid_argument` naming the defect of `url`, of `options` or of a file that they name. Failed attempts
/// are reported to `client_options::on_failure`.
template <class Data = no_data>
client connect(caf::actor_system& system, std::string_view url, handlers<Data> callbacks, client_options options = {}) {
  return detail::connect(system, url, detail::make_endpoint(std::move(callbacks)), std::move(options));
}

/// As above, on one of the event loops of an app. The connections can join the app's groups.
///
/// *Errors* Throws also `std::logic_error` unless the app is running.
template <class Data = no_data>
client connect(app& host, std::string_view url, handlers<Data> callbacks, client_options options = {}) {
  return detail::connect(host, url, detail::make_endpoint(std::move(callbacks)), std::move(options));
}

/// As above, with a behaviour instead of handlers. <harpia/actors.hpp> must be included.
template <class Data = no_data, behaviour_of<Data> Make>
client connect(caf::actor_system& system, std::string_view url, Make make, client_options options = {}) {
  return detail::connect(system, url, detail::make_behaviour_endpoint(handlers<Data>{}, std::move(make)), std::move(options));
}
template <class Data = no_data, behaviour_of<Data> Make>
client connect(app& host, std::string_view url, Make make, client_options options = {}) {
  return detail::connect(host, url, detail::make_behaviour_endpoint(handlers<Data>{}, std::move(make)), std::move(options));
}

} // namespace harpia
