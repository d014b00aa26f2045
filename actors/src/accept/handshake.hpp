// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/accept_context.hpp"
#include "accept/address_rules.hpp"
#include "connection/connection_limits.hpp"
#include "routes/upgrade_state.hpp"

#include "http/http.hpp"
#include "net/channel.hpp"
#include "net/event_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::detail {

/// An accepted socket that may send its request.
struct accepted_socket {
  net::channel socket;
  connection_slots slots = {};
  trusted_proxies trusted = nullptr; // not null: the request names the client, whose address then takes the slot
  counted_handshake counted = {};
};

/// Takes a slot of a client's address. With `trusted` the address is not known yet and the slot stays empty.
/// @return nothing if no slot is free; the refusal is counted
[[nodiscard]] std::optional<connection_slots>
take_slot(server_counts& counts, std::string_view address, const trusted_proxies& trusted = nullptr);

/// A socket from its accept until its request is answered or it becomes a connection. It is small, has a deadline and is no actor.
class handshake final : public net::background_task, private net::io_handler, private net::timer {
public:
  /// @param deadline for the request and for the `upgrade` handlers' decision
  /// @throws std::system_error if the kernel cannot watch one more socket
  handshake(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline);
  ~handshake() override;

private:
  void on_io(net::interest ready) override;
  void on_timer() override;

  void decide();
  [[nodiscard]] bool identify_client();
  void admit(const websocket_route& route);
  void begin_upgrade(const websocket_route& route);
  void continue_upgrade();
  void run_upgrade_handler(std::size_t step);
  void on_decision(upgrade_state::decision what);
  void become_connection();
  void respond(const http_response& response, http::body_part body = http::body_part::included);
  void finish();

  accept_context* owner_;
  loop_context* home_;
  net::channel channel_;
  counted_handshake counted_;
  connection_slots slots_;
  trusted_proxies trusted_; // null once the client's address is known
  http::request_reader reader_;
  request request_;
  const websocket_route* route_ = nullptr;
  socket_ptr ws_{nullptr, {nullptr}};
  std::unique_ptr<connection_layers> layers_; // null if the route has none
  std::shared_ptr<upgrade_state> upgrade_;    // while user code decides
};

/// Gives a socket to `owner`, or closes it if the kernel cannot watch one more.
void begin_handshake(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline);

/// The limit that a refused socket exceeds.
enum class exceeded_limit : std::uint8_t { handshakes, address_slots };

/// Refuses a socket over a limit: 503 for handshakes, 429 for an address.
void refuse_connection(accept_context& owner, net::channel accepted, exceeded_limit why);

} // namespace harpia::detail
