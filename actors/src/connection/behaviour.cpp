// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>

#include "connection/connection.hpp"
#include "connection/connection_extras.hpp"

#include "websocket/close_reason.hpp"

#include <caf/all.hpp>

#include <utility>

// The actor side of a connection: passes mailbox messages and socket events to a behaviour, and handles those that it does not take.

namespace harpia::inline v0::detail {

void behaviour_port::start(socket_base& ws, caf::behavior first) {
  ws.connection_->become_first(std::move(first));
}

void behaviour_port::deliver(socket_base& ws, const websocket::connection_event& what) {
  ws.connection_->deliver_event(what);
}

void behaviour_port::deliver_decoded(socket_base& ws, caf::message decoded) {
  ws.connection_->deliver_decoded(std::move(decoded));
}

void behaviour_port::quit(socket_base& ws, caf::error reason) {
  ws.connection_->quit_with(std::move(reason));
}

namespace {

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>; // Clang 14 needs it

} // namespace

bool connection::handle_own(const actor_message& message) {
  if (const auto* sent = message.get<remote_send>())
    contained([&] { take(*sent); });
  else if (const auto* posted = message.get<remote_work>())
    run_posted(*posted);
  else if (const auto* order = message.get<close_order>())
    contained([&] { close(order->code, order->reason); });
  else if (!message.get<remote_send_refused_atom>())
    return false;
  else if (stream_)
    contained([&] { stream_->on_remote_sender_refused(); });
  return true;
}

void connection::run_posted(const remote_work& posted) {
  if (state() == harpia::ready_state::open)
    contained([&] { enter("post", [&] { posted.work(*ws_); }); });
}

void connection::on_unaccepted(std::string_view kind) {
  auto what = "the current behaviour of route '" + route_->pattern + "' does not handle ";
  what.append(kind).append(" messages");
  fail({errc::unaccepted_message, std::move(what)}, close_code::unsupported_data);
}

void connection::on_refused() {
  log(log_level::warning, "not_taken", "a message of another actor was refused: the connection has no handler for it");
}

void connection::quit_with(caf::error reason) {
  const auto code = reason ? close_code::internal_error : close_code::normal;
  set_exit_reason(std::move(reason));
  close(code, {});
}

// Converts an event of the socket to the message that a behaviour gets. `failed` and `closed` are delivered even while a reply is
// awaited.
void connection::deliver_event(const websocket::connection_event& what) {
  if (!has_behaviour())
    return; // the actor ended before its socket
  std::visit(
      overloaded{
          [&](const websocket::event::message& received) {
            received.content.is_text() ? deliver_in_order(event::text{received.content.text()})
                                       : deliver_in_order(event::binary{received.content.bytes()});
          },
          [&](const websocket::event::opened&) { deliver_in_order(event::opened{}); },
          [&](const websocket::event::called& call) {
            deliver_in_order(event::called{std::string{call.request.text()}, call.request.kind(), std::move(call.answer)});
          },
          [&](const websocket::event::drained&) { deliver_in_order(event::drained{}); },
          [&](const websocket::event::dropped& lost) {
            deliver_in_order(event::dropped{lost.count, lost.bytes});
          },
          [&](const websocket::event::pinged& ping) { deliver_in_order(event::pinged{std::string{ping.payload}}); },
          [&](const websocket::event::ponged& pong) { deliver_in_order(event::ponged{std::string{pong.payload}}); },
          [&](const websocket::event::failed& failure) {
            if (!deliver_now(event::failed{failure.what}))
              report(failure.what);
          },
          [&](const websocket::event::closed& end) {
            deliver_now(event::closed{end.code, std::string{end.reason}});
          },
          [](const websocket::event::message_part&) {}, // only callback handlers take parts
      },
      what);
}

void connection::deliver_decoded(caf::message decoded) {
  if (has_behaviour())
    deliver_in_order(std::move(decoded));
}

// Fails the connection. What `error` will not report is logged.
void connection::fail(const error& what, close_code code) {
  if (!stream_ || !stream_->fail(what, code))
    report(what);
}

void connection::crash(const error& what) {
  context_->handlers.count(what, route_->pattern);
  if (what.code() == errc::undecodable_message) {
    // The peer's fault. `error` runs before the close frame is sent, so that it can still send a message.
    notify_error(what);
    if (options().on_undecodable == on_undecodable::close || route_->target->has_coroutine()) // whose conversation has ended
      close(close_code::invalid_payload,
            context_->log.is_verbose() ? websocket::as_close_reason(what.what()) : std::string_view{});
  } else if (extras_ && extras_->initial && target_opened_ && state() == harpia::ready_state::open) {
    restart(what);
  } else {
    fail(what, close_code::internal_error);
  }
}

void connection::restart(const error& what) {
  notify_error(what);
  if (state() != harpia::ready_state::open)
    return; // `error` has closed it
  ++extras_->life;
  context_->groups.unsubscribe_all(member(), subscriptions_);
  if (const auto& calls = extras_->calls)
    calls->outgoing.take_all().clear();
  if (const auto& timers = extras_->timers)
    timers->cancel_all();
  if (const auto& coroutines = extras_->coroutines)
    coroutines->destroy_all();
  holds_reading_ &= held_for_coroutine; // whoever called the handler updates the reading
  stream_->set_limits(options().sending());
  if (in_message_)
    extras_->interrupted_message = extras_->message;
  const auto failure = context_->handlers.enter_counted(websocket::event::opened::handler, route_->pattern, [&] {
    forget_behaviour();
    route_->target->restore(*ws_, *extras_->initial);
    route_->target->on_event(*ws_, websocket::event::opened{});
  });
  if (failure)
    fail(*failure, close_code::internal_error);
}

} // namespace harpia::inline v0::detail
