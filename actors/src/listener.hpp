// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "address_rules.hpp"
#include "connection_limits.hpp"
#include "handshake.hpp"
#include "messages.hpp"
#include "worker.hpp"

#include <harpia/transport/acceptor.hpp>
#include <harpia/transport/channel.hpp>

#include <caf/actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace harpia::detail {

/// The actor that owns the acceptors: hands every accepted socket to the loop with the least to do, and stops the server, once every
/// connection that came of them has ended.
class listener final : public pinned_actor {
public:
  struct settings {
    std::size_t max_handshakes;
    std::function<void()> closing; // may be empty
    stop_order stop;
    std::chrono::milliseconds stop_timeout; // after the last was closed
  };

  /// @param workers outlive the actor; it lives on the first of them
  /// @param on_stopped is called, on that loop, once every connection has ended after a `stop_atom`
  listener(caf::actor_config& config, const std::vector<std::unique_ptr<worker>>& workers, server_counts& counts, settings limits,
           std::function<void()> on_stopped);
  ~listener() override;

  /// Accepts on a further address. On the loop's thread.
  void add(transport::acceptor bound, std::shared_ptr<const address_rules> rules);
  /// Takes a connection that was accepted. On the loop's thread.
  /// @param believed whose word is taken on whose it is; null: it is its peer's
  void take(transport::channel accepted, believed_proxies believed = nullptr);

  const char* name() const override { return "harpia.listener"; }

private:
  class door;

  caf::behavior make_behavior() override;
  void on_exit() override;
  /// Counts a socket in, or says for whom there is no more room.
  [[nodiscard]] std::variant<connection_places, no_room>
  admit(const transport::channel& accepted, const believed_proxies& believed);
  [[nodiscard]] bool has_room_for_handshakes();
  /// Takes a connection that begins with the header of the PROXY protocol.
  void take_proxied(transport::accept_result accepted, const std::shared_ptr<const address_rules>& rules);
  [[nodiscard]] worker& least_busy() const;
  void stop();
  void finish_if_empty();

  const std::vector<std::unique_ptr<worker>>* workers_;
  server_counts* counts_;
  settings limits_;
  std::function<void()> on_stopped_;
  std::vector<std::unique_ptr<door>> doors_;
  std::size_t awaited_routers_ = 0; // that have not begun to stop yet
  bool stopping_ = false;
};

} // namespace harpia::detail
