// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/accept_context.hpp"
#include "accept/address_rules.hpp"
#include "accept/http_connection.hpp"
#include "accept/router_actor.hpp"
#include "connection/connection_limits.hpp"

#include "net/acceptor.hpp"
#include "net/channel.hpp"

#include <caf/actor.hpp>
#include <caf/atom.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace harpia::inline v0::detail {

/// To the listener: stop the server.
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// To the listener: the number of connections reached zero. It may have risen again since.
using connections_ended_atom = caf::atom_constant<caf::atom("connsEnded")>;
/// To the listener: a client on one of the loops has ended.
using client_ended_atom = caf::atom_constant<caf::atom("clientEnd")>;
/// To itself, while the server stops: look whether the sockets that were accepted before have had their answers.
using handshakes_atom = caf::atom_constant<caf::atom("handshakes")>;
/// To itself, while the server stops: terminate the connections that make no progress.
using terminate_atom = caf::atom_constant<caf::atom("terminate")>;

/// The actor that owns the acceptors. It hands every accepted socket to the loop with the least load. It stops the server once all
/// connections have ended.
class listener final : public pinned_actor {
public:
  struct settings {
    std::size_t max_handshakes;
    std::function<void()> closing; // may be empty
    stop_order stop;
    std::chrono::milliseconds stop_timeout; // without progress of a connection that was asked to close; then it is terminated
  };

  /// @param loops outlive the actor, which runs on the first of them
  /// @param on_stopped is called on that loop once every connection has ended after a `stop_atom`
  listener(caf::actor_config& config, std::vector<accept_context*> loops, server_counts& counts, settings limits,
           std::function<void()> on_stopped);
  ~listener() override;

  /// Accepts on a further address. On the loop's thread.
  void add(net::acceptor bound, std::shared_ptr<const address_rules> rules);
  /// Takes an accepted socket. On the loop's thread.
  /// @param trusted the proxies that may name the client's address; null: the client is the socket's peer
  void accept(net::channel accepted, trusted_proxies trusted = nullptr);

  const char* name() const override { return "harpia.listener"; }

  /// Writes a record that concerns no connection to the log. On the listener's thread.
  void log(log_level level, std::string_view event, std::string_view what) const noexcept;

private:
  class acceptor_handler;

  caf::behavior make_behavior() override;
  void on_exit() override;
  /// Takes the slots of a socket. @return the limit that it exceeds, if it does
  [[nodiscard]] std::variant<connection_slots, exceeded_limit>
  admit(const net::channel& accepted, const trusted_proxies& trusted);
  [[nodiscard]] bool admit_handshake();
  /// Takes a connection that begins with the header of the PROXY protocol.
  void accept_proxied(net::accept_result accepted, const std::shared_ptr<const address_rules>& rules);
  void stop();
  void close_acceptors();
  void check_handshakes();
  void finish_if_empty();

  std::vector<accept_context*> loops_;
  server_counts* counts_;
  settings limits_;
  std::function<void()> on_stopped_;
  std::vector<std::unique_ptr<acceptor_handler>> acceptors_;
  std::size_t awaited_routers_ = 0; // routers that have not begun to stop
  bool stopping_ = false;
  bool checks_handshakes_ = false;                // a `handshakes_atom` is on its way
  net::event_loop::clock::time_point grace_ends_; // until then a stop waits for clients that are on their way
};

} // namespace harpia::inline v0::detail
