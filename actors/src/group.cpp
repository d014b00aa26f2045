// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/group.hpp>

#include "group_home.hpp"
#include "remote_connection.hpp"

#include <caf/actor_cast.hpp>

namespace harpia {

const std::string& group::name() const noexcept {
  return home_->name();
}

std::size_t group::size() const noexcept {
  return home_->size();
}

void group::publish(message_view message, publish_options options) const {
  home_->publish(protocol::make_frame(message, options.compression), options.key, nullptr, std::move(options.on_receipt));
}

handle::operator caf::actor() const {
  return remote_ ? caf::actor_cast<caf::actor>(remote_->actor) : caf::actor{};
}

caf::actor as_actor(const handle& connection) {
  return connection;
}

caf::actor as_actor(const group& whole) {
  return caf::actor_cast<caf::actor>(whole.home()->actor());
}

} // namespace harpia
