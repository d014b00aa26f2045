// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/handle.hpp>

#include "connection/connection_messages.hpp"
#include "connection/remote_connection.hpp"
#include "facade/check_close.hpp"
#include "facade/check_text.hpp"
#include "log/logger.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpia::inline v0 {

namespace {

using outcome_callback = decltype(send_options::on_outcome);

void report(const outcome_callback& on_outcome, delivery_outcome outcome) noexcept {
  try {
    on_outcome(outcome);
  } catch (...) {
    detail::log_failure(*detail::logger::without_app(), "'on_outcome' of a handle");
  }
}

/// Reports `closed` if the message is lost on its way to the connection, or with it.
struct remote_delivery final : websocket::delivery_state {
  explicit remote_delivery(outcome_callback report_to) {
    life = no_life;
    on_outcome = [own = std::move(report_to)](delivery_outcome outcome) { report(own, outcome); };
  }
  ~remote_delivery() {
    if (on_outcome)
      on_outcome(delivery_outcome::closed);
  }
  remote_delivery(const remote_delivery&) = delete;
  remote_delivery& operator=(const remote_delivery&) = delete;
};

} // namespace

send_status handle::send_message(message_view message, send_options options) const {
  detail::check_text(message);
  if (!is_open())
    return send_status::closed;
  auto encoded = websocket::make_frame(message, options.compression);
  websocket::delivery_ptr notify;
  if (options.on_outcome)
    notify = std::make_shared<remote_delivery>(std::move(options.on_outcome));
  const auto actor = caf::actor_cast<caf::actor>(state_->actor);
  const auto status = actor ? state_->quota->request(encoded->bytes().size()) : send_status::closed;
  if (status == send_status::sent || status == send_status::buffered) {
    caf::anon_send(actor, detail::remote_send{std::move(encoded), std::string{options.key}, std::move(notify)});
    return status;
  }
  if (notify)
    notify->on_outcome = {}; // refused, which the status says
  if (actor && state_->quota->claim_notice())
    caf::anon_send<caf::message_priority::high>(actor, detail::remote_send_refused_atom::value);
  return status;
}

std::uint64_t handle::id() const noexcept {
  return state_ ? state_->actor->id() : 0;
}

bool handle::post_function(detail::posted_function function) const {
  if (!is_open())
    return false;
  const auto actor = caf::actor_cast<caf::actor>(state_->actor);
  if (actor)
    caf::anon_send(actor, detail::remote_work{std::move(function)});
  return static_cast<bool>(actor);
}

void handle::check_data(const std::type_info& wanted) const {
  if (state_ && *state_->data != wanted)
    throw std::invalid_argument{"the data of this connection is of another type than that of 'post'"};
}

void handle::subscribe(std::string_view group) const {
  post_function([name = std::string{group}](socket_base& ws) { ws.subscribe(name); });
}

void handle::unsubscribe(std::string_view group) const {
  post_function([name = std::string{group}](socket_base& ws) { ws.unsubscribe(name); });
}

void handle::close(close_code code, std::string_view reason) const {
  detail::check_close(code, reason);
  if (!is_open())
    return;
  if (const auto actor = caf::actor_cast<caf::actor>(state_->actor))
    caf::anon_send<caf::message_priority::high>(actor, detail::close_order{code, std::string{reason}});
}

bool handle::is_open() const noexcept {
  return state_ && state_->quota->is_open();
}

handle::operator caf::actor() const {
  return state_ ? caf::actor_cast<caf::actor>(state_->actor) : caf::actor{};
}

caf::actor as_actor(const handle& connection) {
  return connection;
}

} // namespace harpia::inline v0
