// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/group.hpp>

#include "facade/access.hpp"
#include "facade/check_close.hpp"
#include "facade/check_text.hpp"
#include "groups/group_home.hpp"

#include <caf/actor_cast.hpp>

namespace harpia::inline v0 {

const std::string& group::name() const noexcept {
  static const std::string none;
  return state_ ? state_->name() : none;
}

std::size_t group::size() const noexcept {
  return state_ ? state_->size() : 0;
}

publish_status group::publish(message_view message, publish_options options) const {
  detail::check_text(message);
  if (!state_)
    return publish_status::sent;
  const auto frame = websocket::make_frame(message, options.compression);
  return state_->publish(frame, std::move(options));
}

void group::close(close_code code, std::string_view reason) const {
  detail::check_close(code, reason);
  if (state_)
    state_->close(code, reason);
}

void group::members(callback<void(std::vector<handle>), detail::rules::members> then) const {
  if (state_)
    state_->collect(std::move(then));
  else
    then({});
}

caf::actor as_actor(const group& whole) {
  const auto& home = detail::access::state(whole);
  return home ? caf::actor_cast<caf::actor>(home->actor()) : caf::actor{};
}

} // namespace harpia::inline v0
