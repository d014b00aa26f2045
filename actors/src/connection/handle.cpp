// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/handle.hpp>

#include "connection/close_arguments.hpp"
#include "connection/connection_messages.hpp"
#include "connection/remote_connection.hpp"
#include "facade/check_text.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <string>

namespace harpia {

send_status handle::send(message_view message, std::string_view key) const {
  detail::check_text(message);
  return is_open() ? send_encoded(websocket::make_frame(message), key) : send_status::closed;
}

send_status handle::send(message_view message, uncompressed_t) const {
  detail::check_text(message);
  return is_open() ? send_encoded(websocket::make_frame(message, compression::disabled), {}) : send_status::closed;
}

send_status handle::send_encoded(std::shared_ptr<const websocket::frame> encoded, std::string_view key) const {
  const auto actor = caf::actor_cast<caf::actor>(state_->actor);
  if (!actor)
    return send_status::closed;
  const auto status = state_->quota->request(encoded->bytes().size());
  if (status == send_status::sent || status == send_status::buffered)
    caf::anon_send(actor, detail::remote_send{std::move(encoded), std::string{key}});
  else if (state_->quota->claim_notice())
    caf::anon_send<caf::message_priority::high>(actor, detail::remote_send_refused_atom::value);
  return status;
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

} // namespace harpia
