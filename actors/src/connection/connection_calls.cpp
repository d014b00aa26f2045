// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Calls of a connection: its own and the peer's.
#include "connection/connection.hpp"
#include "connection/connection_extras.hpp"
#include "connection/reply_state.hpp"
#include "facade/access.hpp"

#include "net/deadline.hpp"
#include "websocket/envelope.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

void notify_failure(const call_table::call& failed, call_failure why, std::string text = {}) {
  if (const auto& on_error = failed->on_error)
    on_error({why, std::move(text)});
}

} // namespace

connection_calls& connection::calls() {
  auto& calls = extras().calls;
  if (!calls)
    calls.reset(new connection_calls{{loop().timers(), options().max_pending_calls, [this](const call_table::call& late) {
                                        enter_event("reply", [&] { notify_failure(late, call_failure::timed_out); });
                                      }}});
  return *calls;
}

pending_call connection::call(message_view request, std::chrono::milliseconds timeout) {
  if (!takes_calls())
    throw std::logic_error{"ws.call needs 'calls = harpia::calls::enabled' in the options of route '" + route_->pattern + "'"};
  if (timeout.count() <= 0)
    throw std::invalid_argument{"the timeout of a call must be more than 0, but is " + std::to_string(timeout.count()) + " ms"};
  auto pending = std::make_shared<pending_call::state>();
  if (state() != harpia::ready_state::open)
    return access::make<pending_call>(std::move(pending), call_failure::closed);
  const auto id = calls().outgoing.add(pending, net::deadline_after(loop().current_time(), timeout));
  if (!id)
    return access::make<pending_call>(std::move(pending), call_failure::dropped);
  websocket::message_options options;
  // An accepted message may still be dropped in favour of newer ones.
  if (limits().on_limit == on_limit::drop_oldest) {
    options.notify = std::make_shared<websocket::delivery_state>();
    options.notify->life = life();
    options.notify->on_outcome = [this, id = *id](delivery_outcome outcome) {
      if (outcome == delivery_outcome::dropped)
        if (const auto dropped = extras_->calls->outgoing.take(id))
          notify_failure(dropped, call_failure::dropped);
    };
  }
  const auto envelope = websocket::make_envelope(websocket::verb::call, *id, request.text());
  const auto status = send({request.kind(), std::as_bytes(std::span{envelope})}, std::move(options));
  if (status == send_status::sent || status == send_status::buffered)
    return access::make<pending_call>(std::move(pending), std::nullopt);
  static_cast<void>(extras_->calls->outgoing.take(*id));
  return access::make<pending_call>(
      std::move(pending), status == send_status::dropped ? call_failure::dropped : call_failure::closed);
}

bool connection::take_envelope(message_view message) {
  const auto envelope = websocket::parse_envelope(message.text());
  if (!envelope)
    return false;
  const message_view payload{message.kind(), std::as_bytes(std::span{envelope->payload})};
  if (envelope->verb == websocket::verb::call) {
    take_call(envelope->id, payload);
  } else if (const auto pending = extras_ && extras_->calls ? extras_->calls->outgoing.take(envelope->id) : nullptr) {
    enter("reply", [&] {
      if (envelope->verb == websocket::verb::error)
        notify_failure(pending, call_failure::refused, std::string{payload.text()});
      else if (pending->on_reply)
        pending->on_reply(payload);
    });
  }
  return true;
}

void connection::take_call(std::uint64_t id, message_view request) {
  const auto& unanswered = calls().unanswered;
  if (unanswered->load() >= options().max_pending_calls) {
    const auto refusal = websocket::make_envelope(websocket::verb::error, id, "too many calls");
    send(std::string_view{refusal});
    return;
  }
  const auto send_to_peer = [this, peer = make_handle()](message_view answer) {
    if (!peer.is_open())
      return send_status::closed;
    // On the loop's thread the answer is sent directly, which keeps its order among the connection's messages.
    const auto strong_ref = caf::actor_cast<caf::strong_actor_ptr>(access::state(peer)->actor);
    return strong_ref && loop().is_this_thread() ? send(answer) : peer.send(answer);
  };
  auto answer = access::make<reply>(std::make_shared<reply_state>(id, send_to_peer, unanswered));
  enter(websocket::event::called::handler, [&] { route_->target->on_event(*ws_, websocket::event::called{request, answer}); });
}

void connection::end_calls() {
  if (!extras_ || !extras_->calls)
    return;
  run_in_place([&] {
    for (const auto& pending : extras_->calls->outgoing.take_all())
      if (const auto failure =
              context_->handlers.enter_counted("reply", route_->pattern, [&] { notify_failure(pending, call_failure::closed); }))
        report(*failure);
  });
}

} // namespace harpia::inline v0::detail
