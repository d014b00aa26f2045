// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "backoff.hpp"
#include "client_state.hpp"
#include "loop_scheduler.hpp"
#include "outgoing_connection.hpp"
#include "worker.hpp"

#include <harpia/client_options.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/transport/connector.hpp>
#include <harpia/transport/timer_wheel.hpp>
#include <harpia/transport/tls_context.hpp>
#include <harpia/transport/url.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace harpia::detail {

/// What a client is made of; checked already.
struct client_settings {
  transport::websocket_url url;
  std::shared_ptr<const endpoint> target;
  client_options options;
  std::shared_ptr<const transport::tls_client> tls; // of a "wss" URL

  /// The URL as messages name it.
  [[nodiscard]] std::string name() const { return std::string{url.scheme_name()} + "://" + url.authority() + url.target; }
};

/// To a supervisor: the addresses that its URL's name stands for.
struct resolved_name {
  std::uint64_t attempt;
  transport::resolve_result result;
};

/// The actor of a client: connects, makes an actor of each connection, and connects again when that has ended.
///
/// Lives on its loop, among the worker's clients, and refers to itself from `start` until it has ended.
class client_supervisor final : public pinned_actor, private connection_owner, private transport::timer {
public:
  /// @param on_end is called once, on the loop's thread, when nothing of the client is left on the loop
  client_supervisor(caf::actor_config& config, worker& home, client_settings settings, std::shared_ptr<client_state> state,
                    std::function<void()> on_end);
  ~client_supervisor() override;

  void start();
  /// Closes the connection, if there is one, and connects no more.
  void end(close_code code, std::string_view reason);

  const char* name() const override { return "harpia.client"; }

private:
  enum class phase { waiting, resolving, connecting, opening, open, ended };

  caf::behavior make_behavior() override;
  void on_exit() override;

  void on_timer() override;
  void on_connected(connection& opened) override;
  void on_connect_failed(const error& why) override;
  void on_connection_ended(ended_by whom) override;

  void attempt();
  void reach();
  void take(const resolved_name& found);
  void connect_to(const transport::resolve_result& found);
  void take(transport::connect_result result);
  void take(transport::connected reached);
  void open(transport::channel reached);
  void attempt_failed(const error& why);
  void tell_failure(const error& why);
  void go_on();
  void finish();
  void leave();
  [[nodiscard]] std::string unreachable(const std::error_code& why) const;

  worker* home_;
  client_settings settings_;
  std::shared_ptr<client_state> state_;
  std::function<void()> on_end_;
  caf::strong_actor_ptr self_; // until it has ended
  phase phase_ = phase::waiting;
  bool wanted_ = true; // by the program: once it is not, the next end of a connection is the last
  std::uint64_t attempts_ = 0;
  transport::event_loop::clock::time_point deadline_; // of this attempt
  transport::event_loop::clock::time_point opened_at_;
  std::unique_ptr<transport::connector> connector_; // while connecting
  std::shared_ptr<outgoing_connection> outgoing_;   // while opening or open
  connection* connection_ = nullptr;                // as above
  backoff backoff_;
};

/// Makes a client on a loop. From any thread.
[[nodiscard]] std::shared_ptr<client_state> spawn_client(worker& home, client_settings settings, std::function<void()> on_end);

} // namespace harpia::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::resolved_name)
