// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/connection.hpp"

#include "connection/connection_extras.hpp"
#include "facade/access.hpp"
#include "log/logger.hpp"

#include <harpia/actors.hpp>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace harpia::inline v0::detail {

namespace {

// The close code for an exit message, to the connection or from an actor linked to it.
close_code code_for(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown ? close_code::going_away : close_code::internal_error;
}

} // namespace

connection::connection(caf::actor_config& config, loop_context& context, accepted_upgrade upgraded)
    : event_actor{config, context.scheduler}, context_{&context}, traffic_{&context.traffic_of(upgraded.route->pattern)},
      route_{upgraded.route}, ws_{std::move(upgraded.ws)}, layers_{std::move(upgraded.layers)},
      opening_{std::move(upgraded.opening)}, has_send_layers_{have_senders(route_->layers)},
      passes_directly_{!layers_ && !takes_calls() && route_->target->takes_messages()} {
  if (!upgraded.subprotocol.empty())
    extras().subprotocol = std::move(upgraded.subprotocol);
  if (upgraded.outgoing)
    extras().outgoing = std::move(upgraded.outgoing);
  if (upgraded.slots)
    extras().slots = std::move(upgraded.slots);
  stream_ = std::make_unique<websocket::stream>(
      loop(), context.sessions, std::move(upgraded.transport), static_cast<websocket::event_listener&>(*this), options(),
      route_->target->takes_parts() ? websocket::messages::in_parts : websocket::messages::whole);
  if (layers_)
    extras().counted.emplace(static_cast<group_member&>(*this));
  ws_->connection_ = this;
  next_ = std::exchange(context.connections.first_, this);
  if (next_)
    next_->previous_ = this;
  ++context.connections.size_;
}

group_member& connection::member() noexcept {
  if (extras_ && extras_->counted)
    return *extras_->counted;
  return *this;
}

traffic connection::published() const noexcept {
  return extras_ && extras_->counted ? extras_->counted->accepted() : traffic{};
}

traffic published_to(const socket_base& ws) noexcept {
  return access::connection(ws).published();
}

connection::~connection() {
  leave_list();
}

caf::behavior connection::make_behavior() {
  // An exit message starts the closing handshake. CAF handles `kill` itself.
  set_exit_handler([this](caf::exit_msg& message) {
    const auto code = code_for(message.reason);
    set_exit_reason(std::move(message.reason));
    close(code, {});
  });
  return prepare();
}

void connection::start(const websocket::header_fields& fields, std::span<std::byte> rest) {
  self_ = caf::strong_actor_ptr{ctrl()};
  contained([&] {
    run_in_place([&] {
      stream_->accept(opening_, fields);
      open();
    });
  });
  if (!rest.empty() && stream_)
    contained([&] { stream_->receive(rest); });
}

void connection::open() {
  if (options().on_crash == on_crash::restart)
    if (const auto failure =
            context_->handlers.enter("data", route_->pattern, [&] { extras().initial = route_->target->save(*ws_); }))
      return crash(*failure);
  enter(websocket::event::opened::handler, [&] { notify_opened(); });
}

void connection::notify_opened() {
  if (layers_)
    while (layers_->opened < layers_->size())
      if (const auto& opens = (*layers_)[layers_->opened++].open)
        opens(*ws_);
  target_opened_ = true;
  if (context_->counts && !is_outgoing())
    context_->counts->opened(route_->pattern);
  if (context_->log.takes(log_level::debug))
    log(log_level::debug, "opened", "the connection is open");
  route_->target->on_event(*ws_, websocket::event::opened{});
}

// Calls `close` of each layer and route that has seen `open`, also after another one has thrown.
void connection::notify_closed(const websocket::event::closed& end) {
  const auto attempt = [this](const auto& function) {
    if (const auto failure = context_->handlers.enter_counted(websocket::event::closed::handler, route_->pattern, function))
      report(*failure);
  };
  if (target_opened_) {
    if (context_->counts && !is_outgoing())
      context_->counts->closed(route_->pattern, end.code);
    if (context_->log.takes(log_level::debug))
      log(log_level::debug, "closed", end.reason, end.code);
  }
  if (target_opened_)
    attempt([&] { route_->target->on_event(*ws_, end); });
  for (auto left = layers_ ? layers_->opened : 0; left > 0; --left)
    if (const auto& closes = (*layers_)[left - 1].close)
      attempt([&] { closes(*ws_, end.code, end.reason); });
}

void connection::connect(websocket::client_opening request, net::event_loop::clock::time_point deadline) {
  self_ = caf::strong_actor_ptr{ctrl()};
  closed_notified_ = true; // no `close` unless it opens
  stream_->connect(std::move(request), deadline);
}

void connection::on_response(const http_response& answer) {
  if (stream_->state() != harpia::ready_state::open)
    return; // `on_failed` reports why
  outgoing()->opened = true;
  closed_notified_ = false;
  contained([&] {
    if (const auto subprotocol = websocket::field_of(answer, "Sec-WebSocket-Protocol"); !subprotocol.empty())
      extras().subprotocol = subprotocol;
    if (auto* owner = outgoing()->owner)
      owner->on_connected(*this);
    run_in_place([&] { open(); });
  });
}

// Tells the owner of an outgoing connection that it has ended.
void connection::notify_owner() {
  if (auto* client_side = outgoing(); client_side && client_side->owner)
    std::exchange(client_side->owner, nullptr)
        ->on_connection_ended(client_side->closed_here ? ended_by::program : ended_by::peer_or_failure);
}

void connection::enter_event(const char* handler, const std::function<void()>& work) {
  contained([&] { run_in_place([&] { enter(handler, work); }); });
}

// What is left then is the closing handshake, or less if there is no memory for that either.
void connection::end_after(const std::exception_ptr& thrown) noexcept {
  const auto attempt = [](const auto& step) {
    try {
      step();
    } catch (...) { // the next step needs less memory
    }
  };
  attempt([&] {
    auto line = std::string{"closing the connection after an internal error: "};
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& what) {
      line += what.what();
    } catch (...) {
      line += "an exception that is not a std::exception";
    }
    log(log_level::error, "internal_error", line, close_code::internal_error);
  });
  if (!stream_)
    return;
  attempt([&] { stream_->close(close_code::internal_error, {}); });
  if (stream_->state() != harpia::ready_state::closing)
    attempt([&] { stream_->terminate(); });
}

void connection::on_event(const websocket::connection_event& what) {
  if (const auto* received = std::get_if<websocket::event::message>(&what)) [[likely]] {
    traffic_->received.add(received->content.size());
    contained([&] { on_message(what); });
  } else if (const auto* end = std::get_if<websocket::event::closed>(&what))
    on_closed(*end); // whatever fails in it, it goes on to its end
  else
    contained([&] { pass_on(what); });
}

// The way of nearly all events, as one function.
[[gnu::flatten]] void connection::on_message(const websocket::connection_event& what) {
  run_in_place([&] {
    enter(websocket::event::message::handler, [&] {
      passes_directly_ ? route_->target->on_event(*ws_, what) : deliver(0, std::get<websocket::event::message>(what).content);
    });
  });
}

void connection::pass_on(const websocket::connection_event& what) {
  if (const auto* part = std::get_if<websocket::event::message_part>(&what))
    return on_part(*part);
  if (const auto* failure = std::get_if<websocket::event::failed>(&what))
    return on_failed(*failure);
  if (const auto* lost = std::get_if<websocket::event::dropped>(&what); lost && context_->counts && !is_outgoing())
    context_->counts->dropped(route_->pattern, lost->count);
  if (!target_opened_) // a layer's `open` failed, so the route gets no events
    return;
  const auto* handler = std::visit([](const auto& each) { return each.handler; }, what);
  run_in_place([&] { enter(handler, [&] { route_->target->on_event(*ws_, what); }); });
  if (std::holds_alternative<websocket::event::drained>(what))
    resume_drained();
}

void connection::deliver(std::size_t number, message_view message) {
  if (!stream_ || !stream_->takes_messages()) // a layer delayed the message until after the close
    return;
  for (; layers_ && number < layers_->size(); ++number)
    if (const auto& takes = (*layers_)[number].message)
      return takes(*ws_, message, next_handler{*this, number + 1});
  if (takes_calls() && take_envelope(message))
    return;
  if (route_->target->takes_messages())
    route_->target->on_event(*ws_, websocket::event::message{message});
  else if (!std::exchange(told_not_taken_, true))
    log(log_level::info, "not_taken",
        "the client sends messages, but the route has no handler for them; later ones are not logged");
}

// After a restart within a message the route gets no further parts of it. Its layers are not restarted and do get them.
void connection::on_part(const websocket::event::message_part& part) {
  if (!std::exchange(in_message_, part.last == last_part::no))
    ++extras().message;
  part.last == last_part::yes ? traffic_->received.add(part.content.size()) : traffic_->received.add_part(part.content.size());
  run_in_place([&] {
    enter(websocket::event::message_part::handler, [&] { deliver_part(0, extras_->message, part.content, part.last); });
  });
}

void connection::deliver_part(std::size_t number, std::uint32_t of_message, message_view part, last_part last) {
  if (!stream_ || !stream_->takes_messages())
    return;
  for (; layers_ && number < layers_->size(); ++number)
    if (const auto& takes = (*layers_)[number].message_part)
      return takes(*ws_, part, last, next_part_handler{*this, number + 1, of_message});
  if (of_message != extras_->interrupted_message)
    route_->target->on_event(*ws_, websocket::event::message_part{part, last});
}

void connection::on_outcome(const websocket::delivery_ptr& notify, delivery_outcome outcome) {
  const auto on_outcome = std::exchange(notify->on_outcome, {});
  if (!on_outcome)
    return;
  if (notify->life == websocket::delivery_state::no_life)
    on_outcome(outcome);
  else if (notify->life == life())
    enter_event("on_outcome", [&] { on_outcome(outcome); });
}

void connection::on_failed(const websocket::event::failed& failure) {
  if (const auto* client_side = outgoing(); client_side && !client_side->opened) {
    if (client_side->owner)
      client_side->owner->on_connect_failed(failure.what);
    return;
  }
  run_in_place([&] { notify_error(failure.what); });
}

void connection::notify_error(const error& what) {
  if (!target_opened_ || !route_->target->takes_errors()) // the route never opens, or has no receiver for it
    report(what);
  if (!target_opened_)
    return;
  if (const auto again = context_->handlers.enter_counted(websocket::event::failed::handler, route_->pattern, [&] {
        route_->target->on_event(*ws_, websocket::event::failed{what});
      }))
    report(*again);
}

namespace {

// A failure that nobody handles is a defect if it is the program's, and worth a note if it is the peer's. Networks fail all day.
log_level level_of(const error& what) {
  if (what.code() == error_kind::transport)
    return log_level::debug;
  const bool is_of_peer = what.code() == error_kind::peer_fault || what.code() == errc::unaccepted_message
                          || what.code() == errc::buffer_limit; // it reads too slowly
  return is_of_peer ? log_level::info : log_level::error;
}

} // namespace

void connection::report(const error& what) const noexcept {
  log(level_of(what), what.code() == errc::handler_threw ? "handler_failed" : "failed", what.what());
}

void connection::log(log_level level, std::string_view event, std::string_view what, close_code code) const noexcept {
  context_->log.write(
      {.level = level,
       .event = event,
       .route = route_->pattern,
       .connection = id(),
       .remote_address = remote_address(),
       .code = static_cast<unsigned>(code),
       .what = what});
}

void connection::on_closed(const websocket::event::closed& end) {
  contained([&] { context_->groups.unsubscribe_all(member(), subscriptions_); });
  contained([&] { end_calls(); });
  if (extras_ && extras_->timers)
    extras_->timers->cancel_all();
  contained([&] { end_coroutines(); });
  if (extras_)
    extras_->slots = {}; // before the end is visible, so that the client may reconnect at once
  contained([&] {
    run_in_place([&] {
      contained([&] {
        if (!std::exchange(closed_notified_, true))
          notify_closed(end);
      });
      auto reason = take_exit_reason();
      contained([&] {
        if (!reason)
          reason = close_error(end.code, end.reason);
      });
      quit(std::move(reason));
    });
  });
  release();
  contained([&] { notify_owner(); });
}

// Also runs when the actor ends before its socket: after a `kill`, or when a response handler threw. The user's handlers still get the
// remaining events.
void connection::on_exit() {
  contained([&] { close(close_code::internal_error, {}); });
}

// The stream is inside one of its own functions, so the stream and the user's data are destroyed in the loop's next round. Remaining
// actor handles keep this object alive, but not its socket.
void connection::release() {
  leave_list();
  loop().post(net::task{[](void* state, net::task::disposition) {
                          auto* ended = static_cast<connection*>(state);
                          const auto self = std::move(ended->self_);
                          websocket::stream::leave(std::move(ended->stream_));
                          ended->ws_.reset();
                          ended->layers_.reset();
                        },
                        this});
}

void connection::leave_list() noexcept {
  if (!std::exchange(listed_, false))
    return;
  auto& all = context_->connections;
  for (auto* each = all.cursors_; each; each = each->other_)
    if (each->next_ == this)
      each->next_ = next_;
  (previous_ ? previous_->next_ : all.first_) = next_;
  if (next_)
    next_->previous_ = previous_;
  --all.size_;
}

send_status connection::send(message_view message, websocket::message_options options) {
  check_text(message);
  if (!stream_)
    return send_status::closed;
  return has_send_layers_ ? send_through_layers(message, std::move(options))
                          : counted(stream_->send(message, options), message.size());
}

send_status connection::send_with(message_view message, send_options options) {
  websocket::delivery_ptr notify;
  if (options.on_outcome)
    notify = std::make_shared<websocket::delivery_state>(websocket::delivery_state{std::move(options.on_outcome), life()});
  return send(message, {.key = options.key, .notify = std::move(notify), .compression = options.compression});
}

send_status connection::send_through_layers(message_view message, websocket::message_options options) {
  if (state() != harpia::ready_state::open && options.granted == websocket::granted::no)
    return send_status::closed;
  outgoing_message sent{std::move(options)};
  const auto status = submit(layers_->size(), message, sent);
  const auto& notify = sent.options.notify; // null if a message has passed
  if (notify && (status == send_status::sent || status == send_status::buffered))
    std::exchange(notify->on_outcome, {})(delivery_outcome::dropped);
  return status;
}

send_status connection::submit(std::size_t left, message_view message, outgoing_message& sent) {
  for (; left > 0; --left)
    if (const auto& sends = (*layers_)[left - 1].send)
      return sends(*ws_, message, next_sender{*this, left - 1, sent});
  sent.passed = true;
  auto options = sent.options;
  sent.options.key = {};
  sent.options.notify = nullptr;
  return stream_ ? counted(stream_->send(message, options), message.size()) : send_status::closed;
}

send_status connection::send_control(websocket::opcode code, std::string_view payload) {
  return stream_ ? stream_->send_control(code, payload) : send_status::closed;
}

void connection::close(close_code code, std::string_view reason) {
  if (auto* client_side = outgoing(); client_side && state() == harpia::ready_state::open)
    client_side->closed_here = true;
  if (stream_)
    stream_->close(code, reason);
}

void connection::terminate() {
  if (auto* client_side = outgoing(); client_side && state() == harpia::ready_state::open)
    client_side->closed_here = true;
  if (stream_)
    stream_->terminate();
}

void connection::flush() {
  if (stream_)
    stream_->flush();
}

void connection::subscribe(std::string_view group) {
  if (state() == harpia::ready_state::open)
    context_->groups.subscribe(member(), subscriptions_, group);
}

void connection::unsubscribe(std::string_view group) {
  context_->groups.unsubscribe(member(), subscriptions_, group);
}

bool connection::is_subscribed(std::string_view group) const {
  return group_shard::index::is_subscribed(subscriptions_, group);
}

publish_status connection::publish(std::string_view group, message_view message, publish_options options) {
  if (options.on_receipt)
    options.on_receipt = [self = caf::strong_actor_ptr{ctrl()}, this, of = life(),
                          on_receipt = std::move(options.on_receipt)](const receipt& sum) {
      // The last loop to deliver calls this; the receipt is this connection's event.
      loop().post([self, this, of, on_receipt, sum] {
        if (!closed_notified_ && of == life())
          enter_event("on_receipt", [&] { on_receipt(sum); });
      });
    };
  check_text(message);
  const auto home = context_->groups.find(group);
  if (!home) {
    if (options.on_receipt)
      options.on_receipt({});
    return publish_status::sent;
  }
  const auto frame = websocket::make_frame(message, options.compression);
  const bool leaves_out = options.audience == audience::others && is_subscribed(group);
  return home->publish(frame, std::move(options), leaves_out ? left_out{&member(), id()} : left_out{});
}

void connection::deliver(const publication& message, receipt& sum) {
  if (!stream_)
    return;
  auto status = send_status::closed;
  contained([&] { status = message.key ? stream_->send(message.frame, {.key = *message.key}) : stream_->send(message.frame); });
  switch (status) {
    case send_status::buffered: ++sum.buffered; [[fallthrough]];
    case send_status::sent:
      ++sum.accepted;
      traffic_->sent.add(message.frame->payload_size());
      break;
    case send_status::dropped: ++sum.dropped; break;
    case send_status::closed: break;
  }
}

void connection::take(const remote_send& message) {
  extras().remote->quota->settle(message.frame->bytes().size());
  if (!stream_)
    return;
  websocket::message_options options{
      .key = message.key, .notify = message.notify, .granted = websocket::granted::yes, .compression = message.frame->allowed()};
  if (!has_send_layers_) {
    counted(stream_->send(message.frame, options), message.frame->payload_size());
    return;
  }
  enter("send", [&] { send_through_layers(message.frame->message(), std::move(options)); });
  if (stream_)
    stream_->flush(); // a pending close may have waited for this message, even if a layer dropped or delayed it
}

timer_id connection::start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period, timer_function function) {
  if (closed_notified_ || !function)
    return {}; // in `close`: it would never be called
  auto& timers = extras().timers;
  if (!timers)
    timers = std::make_unique<connection_timers>(loop(), [this](const timer_function& due) { enter_event("timer", due); });
  return timers->start(delay, period, std::move(function));
}

bool connection::cancel_timer(timer_id which) {
  return extras_ && extras_->timers && extras_->timers->cancel(which);
}

harpia::handle connection::make_handle() {
  auto& remote = extras().remote;
  if (!remote && stream_) {
    const auto& quota = stream_->open_to_remote_senders();
    if (state() != harpia::ready_state::open)
      quota->close(); // the stream closes only a quota that exists when it closes
    remote = std::make_shared<const remote_connection>(
        remote_connection{quota, caf::weak_actor_ptr{ctrl()}, &route_->target->data_type()});
  }
  return access::make<harpia::handle>(remote);
}

void connection::set_limits(const send_limits& limits) {
  validate(limits);
  if (stream_)
    stream_->set_limits(limits);
}

send_limits connection::limits() const noexcept {
  return stream_ ? stream_->limits() : options().sending();
}

std::string_view connection::remote_address() const noexcept {
  return stream_ ? std::string_view{stream_->remote_address()} : std::string_view{};
}

std::string_view connection::subprotocol() const noexcept {
  return extras_ ? std::string_view{extras_->subprotocol} : std::string_view{};
}

std::uint32_t connection::life() const noexcept {
  return extras_ ? extras_->life : 0;
}

connection_extras& connection::extras() {
  if (!extras_)
    extras_ = std::make_unique<connection_extras>();
  return *extras_;
}

outgoing_connection* connection::outgoing() const noexcept {
  return extras_ ? extras_->outgoing.get() : nullptr;
}

void connection::pause_reading() {
  holds_reading_ |= held_by_program;
  update_reading();
}

void connection::resume_reading() {
  holds_reading_ &= held_for_coroutine;
  update_reading();
}

harpia::ready_state connection::state() const noexcept {
  return stream_ ? stream_->state() : harpia::ready_state::closed;
}

std::size_t connection::buffered() const noexcept {
  return stream_ ? stream_->buffered() : 0;
}

} // namespace harpia::inline v0::detail

namespace harpia::inline v0 {

void next_handler::operator()(message_view message) const {
  of_->deliver(next_, message);
}

void next_part_handler::operator()(message_view part, last_part last) const {
  of_->deliver_part(next_, message_, part, last);
}

send_status next_sender::operator()(message_view message) const {
  return of_->submit(left_, message, *sent_);
}

} // namespace harpia::inline v0
