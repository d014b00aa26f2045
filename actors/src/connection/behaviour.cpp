// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>

#include "caf_port/socket_event.hpp"
#include "connection/connection.hpp"
#include "connection/connection_extras.hpp"
#include "log/log.hpp"

#include <caf/all.hpp>

#include <utility>

// A connection's side as an actor: what of its mailbox and its socket's events gets to a behaviour, and what becomes of the rest.

namespace harpia::detail {

void behaviour_port::start(socket_base& ws, caf::behavior first) {
  ws.connection_->start_behaviour(std::move(first));
}

template <class Event>
void behaviour_port::tell(socket_base& ws, Event& event, urgency when) {
  socket_event_of<Event> element{event};
  ws.connection_->tell(element, when);
}

template HARPIA_API void behaviour_port::tell(socket_base&, opened&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, text&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, binary&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, called&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, closed&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, drained&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, failed&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, harpia::dropped&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, pinged&, urgency);
template HARPIA_API void behaviour_port::tell(socket_base&, ponged&, urgency);

void behaviour_port::quit(socket_base& ws, caf::error reason) {
  ws.connection_->quit_with(std::move(reason));
}

namespace {

bool is_message(const caf::type_erased_tuple& content) noexcept {
  return content.match_elements<text>() || content.match_elements<binary>();
}

// What a connection closes with when it, or an actor that it is linked to, is told to exit.
close_code code_for(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown ? close_code::going_away : close_code::internal_error;
}

} // namespace

void connection::install_handlers() {
  // Whoever tells it to exit closes it properly, except with `kill`, which CAF answers by itself.
  set_exit_handler([this](caf::exit_msg& message) {
    const auto code = code_for(message.reason);
    fail_state_ = std::move(message.reason);
    close(code, {});
  });
  set_error_handler([this](caf::error& what) {
    crash({errc::request_failed, make_error_code(errc::request_failed).message() + ": " + system().render(what)});
  });
  set_default_handler([this](caf::scheduled_actor*, caf::message_view& message) { return refuse(message.content()); });
}

// Of the socket, a message is refused, since somebody sent it and nothing is to be lost silently; other events nobody has to want.
caf::result<caf::message> connection::refuse(const caf::type_erased_tuple& content) {
  if (!in_event_)
    return caf::sec::unexpected_message;
  if (is_message(content)) {
    const auto* const kind = content.match_elements<text>() ? "text" : "binary";
    link_->fail({errc::unaccepted_message,
                 "the behaviour of route '" + route_->pattern + "' takes no " + kind + " message at this moment"},
                close_code::unsupported_data);
  }
  return caf::message{};
}

void connection::start_behaviour(caf::behavior first) {
  if (first)
    do_become(std::move(first), true);
}

void connection::quit_with(caf::error reason) {
  const auto code = reason ? close_code::internal_error : close_code::normal;
  fail_state_ = std::move(reason);
  close(code, {});
}

caf::invoke_message_result connection::handle(caf::mailbox_element& message) {
  auto result = caf::invoke_message_result::consumed;
  if (handle_own(message.content()))
    return result;
  const auto failure = context_->handlers.enter(message.mid.is_response() ? "response" : "behaviour", route_->pattern, [&] {
    result = pinned_actor::handle(message);
  });
  if (result == caf::invoke_message_result::skipped && awaited_responses_.empty())
    skipped_mail_ = true;
  if (!failure)
    return result;
  if (message.mid.is_request())
    caf::response_promise{ctrl(), message}.deliver(caf::make_error(caf::sec::runtime_error, failure->what()));
  crash(*failure);
  return caf::invoke_message_result::consumed;
}

// These never meet the user's behaviour, whatever it skips or awaits.
bool connection::handle_own(const caf::type_erased_tuple& content) {
  if (content.match_elements<mail>())
    take(content.get_as<mail>(0));
  else if (content.match_elements<close_order>())
    close(content.get_as<close_order>(0).code, content.get_as<close_order>(0).reason);
  else if (content.match_elements<refused_atom>() && link_)
    link_->refused_others();
  else
    return content.match_elements<offer_atom>() || content.match_elements<refused_atom>();
  return true;
}

void connection::tell(socket_event& event, behaviour_port::urgency when) {
  if (bhvr_stack_.empty())
    return; // somebody ended the actor before its socket
  auto& element = event.element();
  const bool is_data = is_message(element.content());
  const bool in_order = when == behaviour_port::urgency::in_order;
  if (in_order && (!awaited_responses_.empty() || (is_data && has_kept())))
    return keep(event.copy());
  if (!in_order && awaited_responses_.empty())
    offer_kept(); // their last chance
  // CAF would put an urgent event behind the reply that is awaited.
  auto awaited = std::exchange(awaited_responses_, {});
  const auto result = consume_event(element);
  awaited_responses_.splice_after(awaited_responses_.before_begin(), awaited);
  if (result != caf::invoke_message_result::skipped)
    offer_kept();
  else if (is_data)
    keep(event.copy());
}

caf::invoke_message_result connection::consume_event(caf::mailbox_element& event) {
  in_event_ = true;
  struct reset {
    connection* self;
    ~reset() {
      self->in_event_ = false;
      self->current_mailbox_element(nullptr);
    }
  } const at_end{this};
  const auto result = caf::event_based_actor::consume(event);
  if (result == caf::invoke_message_result::skipped)
    return result;
  set_receive_timeout(); // as CAF does after a message
  if (std::exchange(skipped_mail_, false)) {
    get_normal_queue().flush_cache();
    get_urgent_queue().flush_cache();
    caf::anon_send(this, offer_atom::value); // so that it looks
  }
  return result;
}

// Notices of one kind add up, so that what waits stays bounded however long it waits.
void connection::keep(caf::message event) {
  auto& kept = extras().kept;
  for (auto& waiting : kept) {
    if (event.match_elements<drained>() && waiting.match_elements<drained>())
      return;
    if (event.match_elements<harpia::dropped>() && waiting.match_elements<harpia::dropped>()) {
      auto& sum = waiting.get_mutable_as<harpia::dropped>(0);
      sum.count += event.get_as<harpia::dropped>(0).count;
      sum.bytes += event.get_as<harpia::dropped>(0).bytes;
      return;
    }
  }
  kept.push_back(std::move(event));
}

void connection::offer_kept() {
  if (!has_kept())
    return;
  auto events = std::exchange(extras_->kept, {});
  auto next = events.begin();
  for (; next != events.end() && awaited_responses_.empty() && !bhvr_stack_.empty(); ++next) {
    const auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, *next);
    if (consume_event(*element) == caf::invoke_message_result::skipped && is_message(*next))
      break;
  }
  events.erase(events.begin(), next);
  extras_->kept = std::move(events);
}

void connection::crash(const error& what) {
  if (!link_)
    return;
  if (what.code() == errc::undecodable_message) {
    // Not the handlers' fault, and told before the close frame is sent, so that `error` may still send an answer.
    tell_error(what);
    close(close_code::invalid_payload, {});
  } else if (extras_ && extras_->initial && state() == harpia::ready_state::open) {
    restart(what);
  } else {
    link_->fail(what, close_code::internal_error);
  }
}

void connection::restart(const error& what) {
  tell_error(what);
  context_->groups.unsubscribe_all(*this, subscriptions_);
  awaited_responses_.clear();
  multiplexed_responses_.clear();
  extras_->kept.clear();
  skips_parts_ = in_message_;
  const auto failure = context_->handlers.enter("open", route_->pattern, [&] {
    route_->target->restore(*ws_, *extras_->initial);
    bhvr_stack_.clear();
    do_become(make_behavior(), true);
    route_->target->open(*ws_);
  });
  if (failure)
    link_->fail(*failure, close_code::internal_error);
}

} // namespace harpia::detail
