// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Coroutines of a connection: its handlers' and its conversation.
#include "connection/connection.hpp"
#include "connection/connection_extras.hpp"
#include "facade/access.hpp"

#include <harpia/detail/connection_failure.hpp>
#include <harpia/detail/coroutine_frame.hpp>
#include <harpia/detail/coroutine_port.hpp>

#include <stdexcept>
#include <utility>

namespace harpia::inline v0::detail {

coroutine_table& connection::coroutines() {
  auto& coroutines = extras().coroutines;
  if (!coroutines)
    coroutines = std::make_unique<coroutine_table>();
  return *coroutines;
}

const char* connection::current_handler() const noexcept {
  const auto running = context_->handlers.running().current();
  return running ? running->handler : "coroutine";
}

void connection::start_coroutine(coroutine_frame& started) {
  const auto first = coroutines().add(started);
  resume_coroutine(first);
}

bool connection::is_coroutine_waiting(std::uint64_t suspension) const noexcept {
  return extras_ && extras_->coroutines && extras_->coroutines->find(suspension);
}

// Within the event that ends its waiting, or that starts it. Its exception becomes that of its handler, whatever the event's name is.
void connection::resume_coroutine(std::uint64_t suspension) {
  auto* waiting = coroutines().find(suspension);
  if (!waiting)
    return;
  const auto* handler = waiting->handler();
  std::optional<coroutine_table::outcome> ended;
  {
    const auto marked = context_->handlers.mark(handler, route_->pattern);
    ended = coroutines().run(*waiting);
  }
  if (!ended)
    return;
  if (ended->failure)
    throw connection_failure{dispatcher::failure(handler, route_->pattern, ended->failure)};
  if (ended->role == coroutine_role::conversation)
    close(close_code::normal, {});
}

void connection::resume_drained() {
  if (!extras_ || !extras_->coroutines)
    return;
  for (const auto suspension : extras_->coroutines->waiting_for_drain())
    run_in_place([&] { enter(websocket::event::drained::handler, [&] { resume_coroutine(suspension); }); });
}

std::uint64_t connection::suspend_coroutine(coroutine_frame& running, std::coroutine_handle<> innermost, awaited what) {
  const auto suspension = coroutines().suspend(running, innermost, what);
  hold_for_coroutine();
  return suspension;
}

// A reply comes by the socket, too, so it is read while a call is pending.
void connection::hold_for_coroutine() noexcept {
  const auto& coroutines = *extras_->coroutines;
  const auto& own_calls = extras_->calls;
  const auto most = own_calls && own_calls->outgoing.size() > 0 ? limits().max_buffered : 0;
  const bool holds = coroutines.keeps_messages() && coroutines.kept_bytes() >= most;
  holds_reading_ = static_cast<std::uint8_t>((holds_reading_ & ~held_for_coroutine) | (holds ? held_for_coroutine : 0));
}

void connection::deliver_to_coroutine(message_view received) {
  const auto waiting = coroutines().deliver(received);
  waiting ? resume_coroutine(waiting) : hold_for_coroutine();
}

bool connection::take_for_coroutine(std::optional<message>& into) {
  if (!route_->target->has_coroutine())
    throw std::logic_error{"ws.receive needs 'coroutine' in the handlers of route '" + route_->pattern + "'"};
  const bool found = coroutines().take(into);
  hold_for_coroutine();
  return found || state() == harpia::ready_state::closed;
}

void connection::receive_for_coroutine(std::uint64_t suspension, std::optional<message>& into) {
  if (coroutines().receiver())
    throw std::logic_error{"two coroutines of a connection of route '" + route_->pattern + "' receive messages"};
  coroutines().receive_into(suspension, into);
}

bool connection::is_drain_due() const noexcept {
  return stream_ && state() == harpia::ready_state::open && stream_->owes_drain();
}

// The coroutine that waits for a message gets none. Then all that still wait are destroyed.
void connection::end_coroutines() {
  if (!extras_ || !extras_->coroutines)
    return;
  run_in_place([&] {
    if (const auto receiver = extras_->coroutines->receiver())
      if (const auto failure =
              context_->handlers.enter_counted("coroutine", route_->pattern, [&] { resume_coroutine(receiver); }))
        report(*failure);
    extras_->coroutines->destroy_all();
  });
}

void coroutine_frame::start(std::coroutine_handle<> whole, coroutine_role role, std::shared_ptr<const void> function) {
  auto& owner = access::connection(*ws_);
  whole_ = whole;
  role_ = role;
  function_ = std::move(function);
  handler_ = role == coroutine_role::conversation ? "coroutine" : owner.current_handler();
  owner.start_coroutine(*this);
}

std::uint64_t coroutine_frame::suspend(std::coroutine_handle<> innermost, awaited what) {
  return access::connection(*ws_).suspend_coroutine(*this, innermost, what);
}

bool coroutine_port::is_waiting(socket_base& ws, std::uint64_t suspension) noexcept {
  return access::connection(ws).is_coroutine_waiting(suspension);
}

void coroutine_port::resume(socket_base& ws, std::uint64_t suspension) {
  access::connection(ws).resume_coroutine(suspension);
}

bool coroutine_port::is_drain_due(socket_base& ws) noexcept {
  return access::connection(ws).is_drain_due();
}

bool coroutine_port::take_message(socket_base& ws, std::optional<message>& into) {
  return access::connection(ws).take_for_coroutine(into);
}

void coroutine_port::receive_into(socket_base& ws, std::uint64_t suspension, std::optional<message>& into) {
  access::connection(ws).receive_for_coroutine(suspension, into);
}

void coroutine_port::deliver(socket_base& ws, message_view received) {
  access::connection(ws).deliver_to_coroutine(received);
}

} // namespace harpia::inline v0::detail
