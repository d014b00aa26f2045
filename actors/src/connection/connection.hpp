// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/loop_scheduler.hpp"
#include "connection/connection_limits.hpp"
#include "connection/connection_messages.hpp"
#include "connection/outgoing_connection.hpp"
#include "connection/remote_connection.hpp"
#include "loop/loop_context.hpp"

#include "websocket/link.hpp"
#include <harpia/detail/behaviour_port.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/request.hpp>

#include <caf/actor_addr.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::detail {

class connection;
class socket_event;
struct connection_calls;
struct connection_extras;
struct outgoing_message;

/// What a connection is made of once its upgrade was accepted, or once a server was reached that is to accept one.
struct accepted_upgrade {
  const websocket_route* route;
  net::channel transport;
  harpia::request opening;
  socket_ptr ws;
  std::string subprotocol;
  std::shared_ptr<outgoing_connection> outgoing = nullptr; // of a client
  connection_places places = {};
};

/// The actor of one upgraded socket: owns its data and its link, and brings the link's events to the user's handlers.
///
/// Lives on its loop. Refers to itself from `open` until it has closed, so that it needs no owner. Its exit reason is the close code,
/// see `close_error`, or what it was told to exit with.
class connection final : public pinned_actor, private websocket::link_events, private group_member {
public:
  connection(caf::actor_config& config, loop_context& home, accepted_upgrade upgraded);
  ~connection() override;

  /// Answers the handshake, calls `open`, then takes `rest`, what the client sent behind its request.
  void start(const websocket::header_fields& fields, std::span<std::byte> rest);
  /// Asks the server for a WebSocket; `open` is called once it said yes.
  void connect(websocket::client_opening asked, net::event_loop::clock::time_point deadline);

  /// Whether it is a client's, and not one of the server's own.
  [[nodiscard]] bool is_outgoing() const noexcept { return outgoing() != nullptr; }

  /// What `behaviour_port` does; on the loop's thread.
  void start_behaviour(caf::behavior first);
  void tell(socket_event& event, behaviour_port::urgency when);
  void quit_with(caf::error reason);

  /// Gives a message that came through all layers to `to`, unless it belongs to a call.
  void hand_in(const endpoint& to, message_view message);

  /// Sends a message that came through all layers on the way out.
  send_status put_out(message_view message, outgoing_message& sent);

  /// What `socket_base` does; on the loop's thread.
  send_status send(message_view message, websocket::message_options options = {});
  send_status send_control(websocket::opcode code, std::string_view payload);
  void close(close_code code, std::string_view reason);
  HARPIA_KIT_API void terminate();
  void flush();
  void subscribe(std::string_view group);
  void unsubscribe(std::string_view group);
  [[nodiscard]] bool is_subscribed(std::string_view group) const;
  [[nodiscard]] std::vector<std::string> subscriptions() const { return subscriptions_.names(); }
  void publish(std::string_view group, message_view message, publish_options options);
  void set_limits(const send_limits& limits);
  [[nodiscard]] send_limits limits() const noexcept;
  void pause();
  void resume();
  [[nodiscard]] bool is_paused() const noexcept { return paused_; }
  [[nodiscard]] harpia::handle handle();
  pending_call call(message_view request, std::chrono::milliseconds timeout);
  [[nodiscard]] harpia::ready_state state() const noexcept;
  [[nodiscard]] std::size_t buffered() const noexcept;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept { return loop().now(); }
  [[nodiscard]] std::string_view remote_address() const noexcept;
  [[nodiscard]] const harpia::request& opening() const noexcept { return opening_; }
  [[nodiscard]] std::string_view subprotocol() const noexcept;

  const char* name() const override { return "harpia.connection"; }

private:
  friend class connection_list;

  caf::behavior make_behavior() override;
  void on_exit() override;

  void on_response(const http_response& answer) override;
  void on_message(message_view message) override;
  void on_part(message_view part, last_part last) override;
  void on_ping(std::string_view payload) override;
  void on_pong(std::string_view payload) override;
  void on_dropped(std::size_t count, std::size_t bytes) override;
  void on_outcome(const websocket::delivery_ptr& notify, delivery_outcome outcome) override;
  void on_drain() override;
  void on_failed(const error& what) override;
  void on_closed(close_code code, std::string_view reason) override;
  void deliver(const publication& message, receipt& sum) override;
  [[nodiscard]] caf::strong_actor_ptr actor() override { return caf::strong_actor_ptr{ctrl()}; }

  resume_result resume(caf::execution_unit* unit, std::size_t max_messages) override;
  caf::invoke_message_result handle(caf::mailbox_element& message) override;
  bool handle_own(const caf::type_erased_tuple& content);
  void install_handlers();
  caf::result<caf::message> refuse(const caf::type_erased_tuple& content);
  caf::invoke_message_result consume_event(caf::mailbox_element& event);
  void keep(caf::message event);
  void offer_kept();
  void crash(const error& what);
  void restart(const error& what);
  void take(const mail& message);
  [[nodiscard]] const group_member* member() const noexcept { return this; }
  void update_reading();

  template <class Function>
  void enter(const char* handler, Function function);
  void open();
  void enter_event(const char* handler, const std::function<void()>& work);
  void tell_error(const error& what);
  send_status send_through_layers(message_view message, websocket::message_options options);
  [[nodiscard]] const route_options& options() const noexcept { return context_->handlers.options_of(*route_); }
  [[nodiscard]] bool takes_calls() const noexcept { return options().calls == harpia::calls::enabled; }
  [[nodiscard]] connection_calls& calls();
  /// Whether `message` is an envelope of the calling protocol; then it has been dealt with.
  [[nodiscard]] bool take_envelope(message_view message);
  void take_call(std::uint64_t id, message_view request);
  void end_calls();
  [[nodiscard]] connection_extras& extras();
  [[nodiscard]] bool has_kept() const noexcept;
  [[nodiscard]] outgoing_connection* outgoing() const noexcept;
  void release();
  void tell_owner();
  void leave_siblings() noexcept;

  loop_context* context_;
  group_shard::subscriptions subscriptions_;
  const websocket_route* route_;
  socket_ptr ws_;
  std::unique_ptr<websocket::link> link_;
  harpia::request opening_;
  caf::strong_actor_ptr self_; // while the connection is open
  connection* next_ = nullptr;
  connection* previous_ = nullptr;
  std::unique_ptr<connection_extras> extras_; // null until there are any
  const bool has_send_layers_;
  bool listed_ = true;        // among the loop's connections
  bool in_event_ = false;     // a behaviour is handling an event of the socket
  bool skipped_mail_ = false; // messages of actors wait in CAF's cache
  bool paused_ = false;       // by the user
  bool closed_told_ = false;
  bool opened_ = false;      // of a client: the server has said yes
  bool closed_here_ = false; // by this side's program
  bool in_message_ = false;  // whose last part has not come
  bool skips_parts_ = false; // since the connection restarted within a message
};

template <class Function>
void connection::enter(const char* handler, Function function) {
  if (const auto failure = context_->handlers.enter(handler, route_->pattern, std::move(function)))
    crash(*failure);
  update_reading();
}

template <class Visit>
void connection_list::for_each(Visit visit) {
  for (auto* each = first_; each;) {
    auto* next = each->next_;
    visit(*each);
    each = next;
  }
}

} // namespace harpia::detail
