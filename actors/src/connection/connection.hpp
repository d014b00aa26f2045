// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/event_actor.hpp"
#include "connection/connection_limits.hpp"
#include "connection/connection_messages.hpp"
#include "connection/coroutine_table.hpp"
#include "connection/outgoing_connection.hpp"
#include "connection/remote_connection.hpp"
#include "facade/check_text.hpp"
#include "loop/loop_context.hpp"
#include "middleware/layers.hpp"

#include "websocket/stream.hpp"
#include <harpia/detail/behaviour_port.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/request.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::detail {

class connection;
struct connection_calls;
struct connection_extras;

/// A message on its way out through the layers.
struct outgoing_message {
  websocket::message_options options; // for the first message that passes all layers
  bool passed = false;                // a message has passed all layers
};

/// Arguments of a new connection: after an accepted upgrade, or on the client side after the transport connected.
struct accepted_upgrade {
  const websocket_route* route;
  net::channel transport;
  harpia::request opening;
  socket_ptr ws;
  std::string subprotocol;
  std::shared_ptr<outgoing_connection> outgoing = nullptr; // null unless of a client
  std::unique_ptr<connection_layers> layers = nullptr;     // null if the route has none
  connection_slots slots = {};
};

/// The actor of one WebSocket connection. It owns the user's data and the stream, and passes events through the layers to the route.
///
/// Runs on its loop. It holds a reference to itself from `start` or `connect` until it has closed, so it needs no owner. Its exit reason
/// is the close code, see `close_error`, or the reason from an exit message or from the behaviour.
class connection final : public event_actor, private websocket::event_listener, private group_member {
public:
  connection(caf::actor_config& config, loop_context& context, accepted_upgrade upgraded);
  ~connection() override;

  /// Answers the handshake, calls `open`, then parses `rest`, the bytes that the client sent after its request.
  void start(const websocket::header_fields& fields, std::span<std::byte> rest);
  /// Sends the opening handshake; `open` is called once the server accepts it.
  void connect(websocket::client_opening request, net::event_loop::clock::time_point deadline);

  /// Whether this side opened it as a client.
  [[nodiscard]] bool is_outgoing() const noexcept { return outgoing() != nullptr; }

  /// The implementation of `behaviour_port`. On the loop's thread.
  void become_first(caf::behavior first) { start_behaviour(std::move(first)); }
  void deliver_event(const websocket::connection_event& what);
  void deliver_decoded(caf::message decoded);
  void quit_with(caf::error reason);

  /// Passes a received message to layer `number`, then to the layers inside it and to the route.
  void deliver(std::size_t number, message_view message);
  void deliver_part(std::size_t number, std::uint32_t of_message, message_view part, last_part last);
  /// Passes an outgoing message to the first `left` layers, the innermost first, then to the stream.
  send_status submit(std::size_t left, message_view message, outgoing_message& sent);

  /// Runs a function of the program, as an event of its own.
  void visit(const callback<void(socket_base&), rules::visit>& function) {
    enter_event("for_each_connection", [&] { function(*ws_); });
  }

  /// The implementation of `socket_base`. On the loop's thread.
  send_status send(message_view message) {
    if (!stream_ || has_send_layers_)
      return send(message, websocket::message_options{});
    check_text(message);
    return counted(stream_->send(message), message.size());
  }
  send_status send(message_view message, websocket::message_options options);
  send_status send_with(message_view message, send_options options);
  send_status send_control(websocket::opcode code, std::string_view payload);
  void close(close_code code, std::string_view reason);
  HARPIA_KIT_API void terminate();
  /// As that of the stream.
  [[nodiscard]] bool is_stuck(std::chrono::milliseconds time) noexcept { return !stream_ || stream_->is_stuck(time); }
  void flush();
  void subscribe(std::string_view group);
  void unsubscribe(std::string_view group);
  [[nodiscard]] bool is_subscribed(std::string_view group) const;
  [[nodiscard]] std::vector<std::string> subscriptions() const { return subscriptions_.names(); }
  publish_status publish(std::string_view group, message_view message, publish_options options);
  void set_limits(const send_limits& limits);
  [[nodiscard]] send_limits limits() const noexcept;
  void pause_reading();
  void resume_reading();
  [[nodiscard]] bool is_paused() const noexcept { return (holds_reading_ & held_by_program) != 0; }
  [[nodiscard]] harpia::handle make_handle();
  pending_call call(message_view request, std::chrono::milliseconds timeout);
  [[nodiscard]] timer_id start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period, timer_function function);
  bool cancel_timer(timer_id which);

  /// The implementation of `coroutine_frame` and `coroutine_port`. On the loop's thread, within an event of the connection.
  [[nodiscard]] const char* current_handler() const noexcept;
  void start_coroutine(coroutine_frame& started);
  [[nodiscard]] std::uint64_t suspend_coroutine(coroutine_frame& running, std::coroutine_handle<> innermost, awaited what);
  [[nodiscard]] bool is_coroutine_waiting(std::uint64_t suspension) const noexcept;
  void resume_coroutine(std::uint64_t suspension);
  [[nodiscard]] bool is_drain_due() const noexcept;
  void deliver_to_coroutine(message_view received);
  [[nodiscard]] bool take_for_coroutine(std::optional<message>& into);
  void receive_for_coroutine(std::uint64_t suspension, std::optional<message>& into);

  [[nodiscard]] harpia::ready_state state() const noexcept;
  [[nodiscard]] std::size_t buffered() const noexcept;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept { return loop().now(); }
  [[nodiscard]] std::string_view remote_address() const noexcept;
  [[nodiscard]] const harpia::request& opening() const noexcept { return opening_; }
  [[nodiscard]] std::string_view subprotocol() const noexcept;

  /// Messages of groups, on a connection with layers.
  [[nodiscard]] traffic published() const noexcept;

  const char* name() const override { return "harpia.connection"; }

private:
  friend class connection_list;
  friend class connection_list::cursor;

  caf::behavior make_behavior() override;
  void on_exit() override;

  void on_event(const websocket::connection_event& what) override;
  void on_response(const http_response& answer) override;
  void on_outcome(const websocket::delivery_ptr& notify, delivery_outcome outcome) override;
  void on_message(const websocket::connection_event& what);
  void pass_on(const websocket::connection_event& what);
  void on_part(const websocket::event::message_part& part);
  void on_failed(const websocket::event::failed& failure);
  void on_closed(const websocket::event::closed& end);
  void deliver(const publication& message, receipt& sum) override;
  [[nodiscard]] caf::strong_actor_ptr actor() override { return caf::strong_actor_ptr{ctrl()}; }
  [[nodiscard]] std::optional<harpia::handle> as_handle() override { return make_handle(); }
  void take_order(const close_order& order) override {
    contained([&] { close(order.code, order.reason); });
  }

  bool handle_own(const actor_message& message) override;
  std::optional<error> contain(const char* handler, const std::function<void()>& work) override {
    return context_->handlers.enter(handler, route_->pattern, std::cref(work));
  }
  void on_failure(const error& what) override {
    contained([&] { crash(what); });
  }
  void log_failure(const error& what) override {
    context_->handlers.count(what, route_->pattern);
    report(what);
  }
  void on_unaccepted(std::string_view kind) override;
  void on_refused() override;
  void on_messages_handled() override {
    contained([&] { update_reading(); });
  }
  /// Writes a record about this connection to the log.
  void log(log_level level, std::string_view event, std::string_view what, close_code code = {}) const noexcept;
  /// Writes a failure that no handler takes to the log.
  void report(const error& what) const noexcept;
  void crash(const error& what);
  void fail(const error& what, close_code code);
  void restart(const error& what);
  /// Number of restarts. Functions that a former life has left are not called.
  [[nodiscard]] std::uint32_t life() const noexcept;
  void take(const remote_send& message);
  void run_posted(const remote_work& posted);
  [[nodiscard]] group_member& member() noexcept;
  void update_reading() {
    const bool held = holds_reading_ != 0 || holds_back();
    if (stream_ && held != stream_->paused()) [[unlikely]]
      held ? stream_->pause() : stream_->resume();
  }

  /// Runs what an event causes. If the library itself fails in it, without memory for example, only this connection ends.
  template <class Function>
  void contained(Function work) noexcept;
  void end_after(const std::exception_ptr& thrown) noexcept;

  template <class Function>
  void enter(const char* handler, Function function);
  void open();
  void notify_opened();
  void notify_closed(const websocket::event::closed& end);
  void enter_event(const char* handler, const std::function<void()>& work);
  void notify_error(const error& what);
  send_status send_through_layers(message_view message, websocket::message_options options);
  [[nodiscard]] const route_options& options() const noexcept { return route_->options; }
  [[nodiscard]] bool takes_calls() const noexcept { return options().calls == harpia::calls::enabled; }
  [[nodiscard]] connection_calls& calls();
  /// Handles `message` if it is an envelope of the calling protocol. @return whether it was one
  [[nodiscard]] bool take_envelope(message_view message);
  void take_call(std::uint64_t id, message_view request);
  void end_calls();
  [[nodiscard]] coroutine_table& coroutines();
  void hold_for_coroutine() noexcept;
  void resume_drained();
  void end_coroutines();
  [[nodiscard]] connection_extras& extras();
  [[nodiscard]] outgoing_connection* outgoing() const noexcept;
  void release();
  void notify_owner();
  void leave_list() noexcept;

  /// Counts a message unless it was refused. @return `status`
  send_status counted(send_status status, std::size_t bytes) noexcept {
    if (status <= send_status::buffered)
      traffic_->sent.add(bytes);
    return status;
  }

  loop_context* context_;
  traffic_counts* traffic_;
  group_shard::subscriptions subscriptions_;
  const websocket_route* route_;
  socket_ptr ws_;
  std::unique_ptr<connection_layers> layers_; // null if the route has none
  std::unique_ptr<websocket::stream> stream_;
  harpia::request opening_;
  caf::strong_actor_ptr self_; // set until the connection has closed
  connection* next_ = nullptr;
  connection* previous_ = nullptr;
  std::unique_ptr<connection_extras> extras_; // null until needed
  const bool has_send_layers_;
  const bool passes_directly_; // received messages: no layer or call envelope precedes the route
  bool listed_ = true;         // among the loop's connections
  // Who holds the reading back: what `pause` sets, and messages that are kept for the conversation.
  static constexpr std::uint8_t held_by_program = 1;
  static constexpr std::uint8_t held_for_coroutine = 2;
  std::uint8_t holds_reading_ = 0;
  bool closed_notified_ = false;
  bool target_opened_ = false;  // the route's own `open` was called
  bool in_message_ = false;     // the last part of a message is still missing
  bool told_not_taken_ = false; // that the route takes no messages was logged
};

template <class Function>
void connection::contained(Function work) noexcept {
  try {
    work();
  } catch (...) {
    end_after(std::current_exception());
  }
}

// While a reply is awaited, CAF holds back all other messages of the mailbox. The socket's messages are held back too, and also while
// one is stashed: `update_reading`.
template <class Function>
void connection::enter(const char* handler, Function function) {
  if (const auto failure = context_->handlers.enter(handler, route_->pattern, std::move(function))) [[unlikely]]
    crash(*failure);
  update_reading();
}

inline connection* connection_list::cursor::take() noexcept {
  return next_ ? std::exchange(next_, next_->next_) : nullptr;
}

template <class Visit>
void connection_list::for_each(Visit visit) {
  for (auto* each = first_; each;) {
    auto* next = each->next_;
    visit(*each);
    each = next;
  }
}

} // namespace harpia::inline v0::detail
