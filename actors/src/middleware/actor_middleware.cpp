// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actor_middleware.hpp>
#include <harpia/socket.hpp>

#include "net/deadline.hpp"

#include <caf/all.hpp>

#include <stdexcept>
#include <utility>

namespace harpia::inline v0 {

namespace {

// An actor's verdict may be invalid. The client gets a response all the same.
void answer(const deferred_upgrade<void>& upgrade, const upgrade_verdict& verdict) {
  if (verdict.refuse_with == 0)
    return upgrade.accept(verdict.attributes);
  try {
    upgrade.reject(verdict.refuse_with, verdict.body);
  } catch (const std::invalid_argument&) {
    upgrade.reject(500);
  }
}

template <class Event>
void pass_through(const caf::actor& who, std::chrono::milliseconds timeout, socket_base& ws, Event event, message_kind kind,
                  const next_handler& next) {
  ws.self().request(who, net::at_most_longest(timeout), std::move(event)).await([next, kind](const filtered& result) {
    if (result.payload)
      next({kind, std::as_bytes(std::span{*result.payload})});
  });
}

} // namespace

middleware ask_about_upgrades(caf::actor who, std::chrono::milliseconds timeout) {
  return {.upgrade = [who = std::move(who), timeout](upgrade_base& request) {
    auto later = request.defer();
    request.self()
        .request(who, net::at_most_longest(timeout), upgrade_question{request.request(), std::string{request.remote_address()}})
        .then([later](const upgrade_verdict& verdict) { answer(later, verdict); },
              [later](const caf::error&) { later.reject(503, "the actor that decides on upgrades failed or did not answer\n"); });
  }};
}

middleware filter_messages(caf::actor who, std::chrono::milliseconds timeout) {
  return {.message = [who = std::move(who), timeout](socket_base& ws, message_view message, const next_handler& next) {
    if (message.is_text())
      pass_through(who, timeout, ws, event::text{message.text()}, message.kind(), next);
    else
      pass_through(who, timeout, ws, event::binary{message.bytes()}, message.kind(), next);
  }};
}

} // namespace harpia::inline v0
