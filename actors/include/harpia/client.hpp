// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/client_options.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/message_sender.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace caf {
class actor_system;
}

namespace harpia::inline v0 {

class app;

namespace detail {
struct access;
class client_state;
} // namespace detail

/// A handle to a WebSocket client, made by `connect`. Messages are sent over its current connection, as by `handle`; `send` returns `closed`
/// also while there is none. Include <harpia/actors.hpp> to use the client as a `caf::actor`.
///
/// *Thread safety* May be copied and used on any thread and by any actor.
///
/// *Lifetimes* Does not own the client, which runs until it is closed, or until its actor system or app ends. The handle may
/// outlive those.
class HARPIA_API client : public message_sender<client> {
public:
  /// Refers to no client.
  client() = default;

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
  friend message_sender<client>;
  send_status send_message(message_view message, send_options options = {}) const;

  explicit client(std::shared_ptr<detail::client_state> state) noexcept : state_{std::move(state)} {}

  std::shared_ptr<detail::client_state> state_;
};

/// Where a client runs: in an actor system, on an event loop that all of its clients share, or on one of the loops of an app.
class client_host {
public:
  client_host(caf::actor_system& system) noexcept : system_{&system} {}
  client_host(app& host) noexcept : app_{&host} {}

private:
  friend struct detail::access;
  [[maybe_unused]] caf::actor_system* system_ = nullptr; // read by `access`, which most programs do not see
  [[maybe_unused]] app* app_ = nullptr;
};

namespace detail {
HARPIA_API client connect(client_host host, std::string_view url, std::shared_ptr<const endpoint> target, client_options options);
}

/// Connects to a WebSocket server, and reconnects whenever the connection is lost. Returns at once.
///
/// Each connection is an actor with a `Data` of its own and runs its handlers as on a server. `upgrade` is not called, and
/// `ws.request()` is the request that was sent.
///
/// The client ends after `client::close`, `ws.close` or `ws.terminate`, and after one attempt under `reconnect::never`. Otherwise
/// it reconnects, whatever close code the server sent.
///
/// All clients of an actor system share one event loop; its thread exists while there are clients. Clients of an app run on one of its
/// loops, and their connections can join its groups. When the system or the app ends, they are closed with 1001. They do not keep an
/// actor system from ending.
/// @param url "ws://HOST[:PORT][/PATH][?QUERY]", or "wss://…" for TLS. The name is resolved for each attempt, on a separate
/// thread
///
/// *Errors* Throws `std::invalid_argument` naming the defect of `url`, of `options` or of a file that they name, and `std::logic_error`
/// if `host` is an app that is not running. Failed attempts are reported to `client_options::on_failure`.
template <class Data = no_data>
client connect(client_host host, std::string_view url, handlers<Data> handled, client_options options = {}) {
  return detail::connect(host, url, detail::make_endpoint(std::move(handled)), std::move(options));
}
/// As above, with messages of the codec's type.
template <class Data = no_data, codec Codec>
client connect(client_host host, std::string_view url, Codec codec, handlers<Data, typename Codec::message_type> handled,
               client_options options = {}) {
  return detail::connect(host, url, detail::make_endpoint<Data>(std::move(codec), std::move(handled)), std::move(options));
}
/// As above, with a behaviour. <harpia/actors.hpp> must be included.
template <class Data = no_data, detail::behaves Make>
client connect(client_host host, std::string_view url, Make make, client_options options = {}) {
  return connect<Data>(host, url, detail::behave_as<Data, message_view>(std::move(make)), std::move(options));
}
/// As above, with a behaviour that receives messages of the codec's type.
template <class Data = no_data, codec Codec, detail::behaves Make>
client connect(client_host host, std::string_view url, Codec codec, Make make, client_options options = {}) {
  return connect<Data>(host, url, std::move(codec), detail::behave_as<Data, typename Codec::message_type>(std::move(make)),
                       std::move(options));
}

} // namespace harpia::inline v0
