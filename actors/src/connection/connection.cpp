// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/connection.hpp"

#include "connection/connection_extras.hpp"
#include "facade/access.hpp"
#include "log/log.hpp"
#include "middleware/layered_endpoint.hpp"

#include <harpia/actors.hpp>

#include <caf/sec.hpp>

#include <utility>

namespace harpia::detail {

connection::connection(caf::actor_config& config, loop_context& home, accepted_upgrade upgraded)
    : pinned_actor{config, home.scheduler}, context_{&home}, route_{upgraded.route}, ws_{std::move(upgraded.ws)},
      opening_{std::move(upgraded.opening)}, has_send_layers_{route_->target->has_send_layers()} {
  if (!upgraded.subprotocol.empty())
    extras().subprotocol = std::move(upgraded.subprotocol);
  if (upgraded.outgoing)
    extras().outgoing = std::move(upgraded.outgoing);
  if (upgraded.places)
    extras().places = std::move(upgraded.places);
  link_ = std::make_unique<websocket::link>(
      loop(), home.sessions, std::move(upgraded.transport), static_cast<websocket::link_events&>(*this), options(),
      route_->target->takes_parts() ? websocket::messages::in_parts : websocket::messages::whole);
  ws_->connection_ = this;
  next_ = std::exchange(home.connections.first_, this);
  if (next_)
    next_->previous_ = this;
  ++home.connections.size_;
}

connection::~connection() {
  leave_siblings();
}

caf::behavior connection::make_behavior() {
  install_handlers();
  static const caf::behavior none{[](offer_atom) {}};
  return none; // what users' behaviours replace; the actor's own messages never get here
}

void connection::start(const websocket::header_fields& fields, std::span<std::byte> rest) {
  self_ = caf::strong_actor_ptr{ctrl()};
  run_in_place([&] {
    link_->accept(opening_, fields);
    open();
  });
  if (!rest.empty() && link_)
    link_->receive(rest);
}

void connection::open() {
  if (options().on_crash == on_crash::restart)
    extras().initial = route_->target->save(*ws_);
  enter("open", [&] { route_->target->open(*ws_); });
}

void connection::connect(websocket::client_opening asked, net::event_loop::clock::time_point deadline) {
  self_ = caf::strong_actor_ptr{ctrl()};
  closed_told_ = true; // it has not opened
  link_->connect(std::move(asked), deadline);
}

void connection::on_response(const http_response& answer) {
  if (link_->state() != harpia::ready_state::open)
    return; // why is told as its failure
  opened_ = true;
  closed_told_ = false;
  if (const auto subprotocol = websocket::field_of(answer, "Sec-WebSocket-Protocol"); !subprotocol.empty())
    extras().subprotocol = subprotocol;
  if (auto* owner = outgoing()->owner)
    owner->on_connected(*this);
  run_in_place([&] { open(); });
}

// To whoever opened it.
void connection::tell_owner() {
  if (auto* made = outgoing(); made && made->owner)
    std::exchange(made->owner, nullptr)->on_connection_ended(closed_here_ ? ended_by::program : ended_by::others);
}

void connection::enter_event(const char* handler, const std::function<void()>& work) {
  run_in_place([&] { enter(handler, work); });
}

void connection::on_message(message_view message) {
  run_in_place([&] {
    enter("message", [&] {
      if (route_->target->is_layered())
        route_->target->message(*ws_, message);
      else
        hand_in(*route_->target, message);
    });
  });
}

void connection::hand_in(const endpoint& to, message_view message) {
  if (!takes_calls() || !take_envelope(message))
    to.message(*ws_, message);
}

// The rest of a message that a restart has cut in two is nobody's.
void connection::on_part(message_view part, last_part last) {
  in_message_ = last == last_part::no;
  if (skips_parts_) {
    skips_parts_ = in_message_;
    return;
  }
  run_in_place([&] { enter("message_part", [&] { route_->target->message_part(*ws_, part, last); }); });
}

void connection::on_ping(std::string_view payload) {
  run_in_place([&] { enter("ping", [&] { route_->target->ping(*ws_, payload); }); });
}

void connection::on_pong(std::string_view payload) {
  run_in_place([&] { enter("pong", [&] { route_->target->pong(*ws_, payload); }); });
}

void connection::on_dropped(std::size_t count, std::size_t bytes) {
  run_in_place([&] { enter("dropped", [&] { route_->target->dropped(*ws_, count, bytes); }); });
}

void connection::on_outcome(const websocket::delivery_ptr& notify, delivery_outcome outcome) {
  notify->outcome = outcome;
  if (const auto then = std::exchange(notify->then, nullptr))
    run_in_place([&] { enter("notify", [&] { then(outcome); }); });
}

void connection::on_drain() {
  run_in_place([&] { enter("drain", [&] { route_->target->drain(*ws_); }); });
}

void connection::on_failed(const error& what) {
  if (const auto* made = outgoing(); made && !opened_) {
    if (made->owner)
      made->owner->on_connect_failed(what);
    return;
  }
  run_in_place([&] { tell_error(what); });
}

void connection::tell_error(const error& what) {
  if (const auto again = context_->handlers.enter("error", route_->pattern, [&] { route_->target->error(*ws_, what); }))
    log(*again);
}

void connection::on_closed(close_code code, std::string_view reason) {
  context_->groups.unsubscribe_all(*this, subscriptions_);
  end_calls();
  if (extras_)
    extras_->places = {}; // before anybody sees the end, so that whoever does may come back at once
  run_in_place([&] {
    if (!std::exchange(closed_told_, true))
      if (const auto failure =
              context_->handlers.enter("close", route_->pattern, [&] { route_->target->close(*ws_, code, reason); }))
        log(*failure);
    quit(fail_state_ ? std::move(fail_state_) : close_error(code, reason));
  });
  release();
  tell_owner();
}

// Also reached when the actor ends before its socket: somebody killed it, or the handler of a response threw. The handlers hear of
// the rest all the same.
void connection::on_exit() {
  close(close_code::internal_error, {});
}

// The link is inside one of its own functions, so it goes in the loop's next round, and with it the data: handles of a connection
// that others keep must not keep its socket.
void connection::release() {
  leave_siblings();
  loop().post(net::task{[](void* state, net::task::fate) {
                          auto* ended = static_cast<connection*>(state);
                          const auto self = std::move(ended->self_);
                          ended->link_.reset();
                          ended->ws_.reset();
                        },
                        this});
}

void connection::leave_siblings() noexcept {
  if (!std::exchange(listed_, false))
    return;
  auto& all = context_->connections;
  (previous_ ? previous_->next_ : all.first_) = next_;
  if (next_)
    next_->previous_ = previous_;
  --all.size_;
}

send_status connection::send(message_view message, websocket::message_options options) {
  if (!link_)
    return send_status::closed;
  return has_send_layers_ ? send_through_layers(message, std::move(options)) : link_->send(message, std::move(options));
}

send_status connection::send_through_layers(message_view message, websocket::message_options options) {
  if (state() != harpia::ready_state::open && options.admitted == websocket::admitted::no)
    return send_status::closed;
  outgoing_message sent{std::move(options)};
  const auto status = route_->target->send(*ws_, message, sent);
  if (!sent.passed && sent.options.notify)
    sent.options.notify->outcome = delivery_outcome::dropped;
  return status;
}

send_status connection::put_out(message_view message, outgoing_message& sent) {
  sent.passed = true;
  auto options = sent.options;
  sent.options.key = {};
  sent.options.notify = nullptr;
  return link_ ? link_->send(message, std::move(options)) : send_status::closed;
}

send_status connection::send_control(websocket::opcode code, std::string_view payload) {
  return link_ ? link_->send_control(code, payload) : send_status::closed;
}

void connection::close(close_code code, std::string_view reason) {
  closed_here_ = closed_here_ || state() == harpia::ready_state::open;
  if (link_)
    link_->close(code, reason);
}

void connection::terminate() {
  closed_here_ = closed_here_ || state() == harpia::ready_state::open;
  if (link_)
    link_->terminate();
}

void connection::flush() {
  if (link_)
    link_->flush();
}

void connection::subscribe(std::string_view group) {
  if (state() == harpia::ready_state::open)
    context_->groups.subscribe(*this, subscriptions_, group);
}

void connection::unsubscribe(std::string_view group) {
  context_->groups.unsubscribe(*this, subscriptions_, group);
}

bool connection::is_subscribed(std::string_view group) const {
  return group_shard::index::is_subscribed(subscriptions_, group);
}

void connection::publish(std::string_view group, message_view message, publish_options options) {
  std::function<void(const receipt&)> on_done;
  if (options.on_receipt)
    on_done = [self = caf::strong_actor_ptr{ctrl()}, this, told = std::move(options.on_receipt)](const receipt& sum) {
      // The last loop to deliver calls this; the receipt is this connection's event.
      loop().post([self, this, told, sum] {
        if (!closed_told_)
          run_in_place([&] { enter("on_receipt", [&] { told(sum); }); });
      });
    };
  if (const auto home = context_->groups.find(group))
    home->publish(websocket::make_frame(message, options.compression), options.key,
                  options.audience == audience::others && is_subscribed(group) ? member() : nullptr, std::move(on_done));
  else if (on_done)
    on_done({});
}

void connection::deliver(const publication& message, receipt& sum) {
  if (!link_)
    return;
  switch (link_->send(message.frame, {.key = message.key ? std::string_view{*message.key} : std::string_view{}})) {
    case send_status::buffered: ++sum.buffered; [[fallthrough]];
    case send_status::sent: ++sum.accepted; break;
    case send_status::dropped: ++sum.dropped; break;
    case send_status::closed: break;
  }
}

void connection::take(const mail& message) {
  extras().remote->admission->arrived(message.frame->wire().size());
  if (!link_)
    return;
  websocket::message_options options{
      .key = message.key, .admitted = websocket::admitted::yes, .compression = message.frame->allowed()};
  if (!has_send_layers_) {
    link_->send(message.frame, std::move(options));
    return;
  }
  enter("send", [&] { send_through_layers(message.frame->message(), std::move(options)); });
  if (link_)
    link_->flush(); // a close may have waited for this one, which layers may have held back
}

harpia::handle connection::handle() {
  auto& remote = extras().remote;
  if (!remote && link_)
    remote = std::make_shared<const remote_connection>(remote_connection{link_->open_to_others(), caf::weak_actor_ptr{ctrl()}});
  return access::make<harpia::handle>(remote);
}

void connection::set_limits(const send_limits& limits) {
  validate(limits);
  if (link_)
    link_->set_limits(limits);
}

send_limits connection::limits() const noexcept {
  return link_ ? link_->limits() : options().sending();
}

std::string_view connection::remote_address() const noexcept {
  return link_ ? std::string_view{link_->remote_address()} : std::string_view{};
}

std::string_view connection::subprotocol() const noexcept {
  return extras_ ? std::string_view{extras_->subprotocol} : std::string_view{};
}

connection_extras& connection::extras() {
  if (!extras_)
    extras_ = std::make_unique<connection_extras>();
  return *extras_;
}

bool connection::has_kept() const noexcept {
  return extras_ && !extras_->kept.empty();
}

outgoing_connection* connection::outgoing() const noexcept {
  return extras_ ? extras_->outgoing.get() : nullptr;
}

void connection::pause() {
  paused_ = true;
  update_reading();
}

void connection::resume() {
  paused_ = false;
  update_reading();
}

caf::resumable::resume_result connection::resume(caf::execution_unit* unit, std::size_t max_messages) {
  const auto result = pinned_actor::resume(unit, max_messages);
  if (has_kept())
    run_in_place([&] { enter("behaviour", [&] { offer_kept(); }); });
  update_reading();
  return result;
}

// While a reply is awaited, CAF holds back every other message of the mailbox; the socket's are held back in the same way, and also
// while one waits for a behaviour that takes it.
void connection::update_reading() {
  if (!link_)
    return;
  const bool held = paused_ || has_kept() || !awaited_responses_.empty();
  if (held && !link_->paused())
    link_->pause();
  else if (!held && link_->paused())
    link_->resume();
}

harpia::ready_state connection::state() const noexcept {
  return link_ ? link_->state() : harpia::ready_state::closed;
}

std::size_t connection::buffered() const noexcept {
  return link_ ? link_->buffered() : 0;
}

} // namespace harpia::detail
