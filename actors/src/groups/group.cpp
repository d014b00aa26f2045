// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/group.hpp>

#include "facade/access.hpp"
#include "groups/group_home.hpp"

#include <caf/actor_cast.hpp>

namespace harpia {

const std::string& group::name() const noexcept {
  return state_->name();
}

std::size_t group::size() const noexcept {
  return state_->size();
}

void group::publish(message_view message, publish_options options) const {
  state_->publish(websocket::make_frame(message, options.compression), options.key, nullptr, std::move(options.on_receipt));
}

caf::actor as_actor(const group& whole) {
  return caf::actor_cast<caf::actor>(detail::access::state(whole)->actor());
}

} // namespace harpia
