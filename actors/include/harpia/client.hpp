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

/// A WebSocket client as others see it: a value that any thread and any actor may keep, copy and use. Made by `connect`.
///
/// Weak: the client goes on without it, until it is closed or the system or app that it runs in ends, and the handle may outlive
/// those. Include <harpia/actors.hpp> to use the client as a `caf::actor`.
class HARPIA_API client {
public:
  /// Refers to no client.
  client() = default;

  /// Sends a message over the present connection, as `handle::send`. @return `closed` also while there is no connection
  send_status send(message_view message, std::string_view key = {}) const;
  send_status send(std::string_view text, std::string_view key = {}) const { return send(message_view{text}, key); }
  send_status send(std::span<const std::byte> bytes, std::string_view key = {}) const { return send(message_view{bytes}, key); }

  /// Closes the connection, if there is one, and ends the client: it does not connect again. What this thread has sent before leaves
  /// first. Returns at once; `send` answers `closed` from now on.
  /// @throws std::invalid_argument if `code` must not be sent or `reason` is over 123 bytes
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// Whether there is a connection that takes messages, as far as is known at this moment.
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

/// Connects to a WebSocket server, and again whenever the connection is lost.
///
/// Returns at once. Each connection is an actor with a `Data` of its own, as on a server, and so are its handlers; `upgrade` is not
/// called, and `ws.request()` is what was asked. The client ends, and does not connect again, after `client::close`, `ws.close` or
/// `ws.terminate`, or after one attempt under `reconnect::never`; else it does, whatever close code the server sent.
///
/// Clients of an actor system share one event loop, whose thread exists while there are any. When the system ends, or the app, they
/// are closed with 1001; they do not keep a system from ending.
///
/// @param url "ws://HOST[:PORT][/PATH][?QUERY]", or "wss://…" for TLS. Names are resolved for each attempt, on a thread of their own.
/// @throws std::invalid_argument naming what is wrong with `url`, `options` or a file that they name
template <class Data = no_data>
client connect(caf::actor_system& system, std::string_view url, handlers<Data> callbacks, client_options options = {}) {
  return detail::connect(system, url, detail::make_endpoint(std::move(callbacks)), std::move(options));
}

/// As above, on one of the loops of an app, whose groups its connections can join.
/// @throws std::logic_error also unless the app is running
template <class Data = no_data>
client connect(app& host, std::string_view url, handlers<Data> callbacks, client_options options = {}) {
  return detail::connect(host, url, detail::make_endpoint(std::move(callbacks)), std::move(options));
}

/// The same with a behaviour, see <harpia/actors.hpp>, which has to be included.
template <class Data = no_data, behaviour_of<Data> Make>
client connect(caf::actor_system& system, std::string_view url, Make make, client_options options = {}) {
  return detail::connect(system, url, detail::make_behaviour_endpoint(handlers<Data>{}, std::move(make)), std::move(options));
}
template <class Data = no_data, behaviour_of<Data> Make>
client connect(app& host, std::string_view url, Make make, client_options options = {}) {
  return detail::connect(host, url, detail::make_behaviour_endpoint(handlers<Data>{}, std::move(make)), std::move(options));
}

} // namespace harpia
