// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"
#include "client/backoff.hpp"
#include "client/client_context.hpp"
#include "client/client_state.hpp"
#include "client/loop_gate.hpp"
#include "connection/outgoing_connection.hpp"
#include "loop/loop_context.hpp"

#include "http/url.hpp"
#include "net/connector.hpp"
#include "net/timer_wheel.hpp"
#include "net/tls_context.hpp"
#include <harpia/client_options.hpp>
#include <harpia/detail/endpoint.hpp>

#include <caf/actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// A client's validated settings.
struct client_settings {
  http::websocket_url url;
  std::shared_ptr<const endpoint> target;
  client_options options;
  std::shared_ptr<const net::tls_client> tls; // null if no connection may be "wss"

  /// The URL for error messages.
  [[nodiscard]] std::string name() const { return std::string{url.scheme_name()} + "://" + url.authority() + url.target; }
};

/// @throws std::invalid_argument naming the invalid setting
[[nodiscard]] client_settings
check_settings(std::string_view url, std::shared_ptr<const endpoint> target, client_options options);

/// @throws std::invalid_argument naming the field that cannot be sent, or that the handshake itself sets
void check_headers(const header_list& fields);

/// The actor of a client. It connects, spawns an actor for each connection, and reconnects after a connection has ended.
///
/// Runs on its loop and is listed among the loop's clients. It holds a reference to itself from `start` until it has ended.
class client_supervisor final : public pinned_actor, private connection_owner, private net::timer {
public:
  /// @param on_end is called once, on the loop's thread, when nothing of the client is left on the loop
  client_supervisor(caf::actor_config& config, client_context& clients, client_settings settings,
                    std::shared_ptr<client_state> state, std::function<void()> on_end);
  ~client_supervisor() override;

  void start();
  /// Closes the connection, if there is one, and does not reconnect.
  void end(close_code code, std::string_view reason);

  const char* name() const override { return "harpia.client"; }

private:
  enum class phase { waiting, preparing, resolving, connecting, opening, open, ended };

  caf::behavior make_behavior() override;
  void on_exit() override;

  void on_timer() override;
  void on_connected(connection& opened) override;
  void on_connect_failed(const error& why) override;
  void on_connection_ended(ended_by cause) override;

  void attempt();
  void make_headers();
  void on_headers(header_list made);
  void approach();
  void open_driven();
  void connect_to(const net::resolve_result& found);
  void on_connect_result(net::connect_result result);
  void on_tcp_connected(net::connected connected);
  void open(net::channel transport);
  void attempt_failed(const error& why);
  [[nodiscard]] std::optional<http::websocket_url> redirection(const error& refusal) const;
  void redirect(http::websocket_url where);
  void notify_failure(const error& why);
  void reconnect_or_finish();
  void finish();
  void leave();
  [[nodiscard]] std::string unreachable(const std::error_code& why) const;

  client_context* clients_;
  loop_context* context_;
  client_settings settings_;
  std::shared_ptr<client_state> state_;
  std::function<void()> on_end_;
  caf::strong_actor_ptr self_; // set until it has ended
  phase phase_ = phase::waiting;
  bool active_ = true; // false: do not reconnect after the current connection
  const std::shared_ptr<loop_gate> gate_;
  std::uint64_t attempts_ = 0;                       // what other threads answer to an earlier one is too late
  http::websocket_url url_;                          // of this attempt
  header_list headers_;                              // as above
  int redirects_ = 0;                                // that this attempt has followed
  std::optional<http::websocket_url> redirected_to_; // by the connection that is about to end
  std::chrono::milliseconds retry_after_{0};         // as the server that refused the last attempt wants
  net::event_loop::clock::time_point deadline_;      // of this attempt
  net::event_loop::clock::time_point opened_at_;
  std::unique_ptr<net::connector> connector_;     // null unless connecting
  std::shared_ptr<outgoing_connection> outgoing_; // null unless opening or open
  connection* connection_ = nullptr;              // as above
  backoff backoff_;
};

/// Makes a client on a loop. From any thread.
[[nodiscard]] std::shared_ptr<client_state>
spawn_client(client_context& clients, client_settings settings, std::function<void()> on_end);

} // namespace harpia::inline v0::detail
