// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/calls.hpp>

#include "connection/reply_state.hpp"

#include <span>
#include <utility>

namespace harpia::inline v0 {

std::string_view to_string(call_failure why) noexcept {
  switch (why) {
    case call_failure::refused: return "refused";
    case call_failure::timed_out: return "timed_out";
    case call_failure::closed: return "closed";
    case call_failure::dropped: return "dropped";
  }
  return {};
}

send_status reply::operator()(message_view answer) const {
  return state_ ? state_->answer(websocket::verb::reply, answer) : send_status::closed;
}

send_status reply::refuse(std::string_view why) const {
  return state_ ? state_->answer(websocket::verb::error, why) : send_status::closed;
}

namespace detail {

reply_state::~reply_state() {
  if (answered_)
    return;
  try {
    answer(websocket::verb::error, std::string_view{"not answered"});
  } catch (...) {
    // Out of memory: there is no receiver for the error, and the peer's call times out.
  }
  if (!answered_)
    --*unanswered_; // the refusal was dropped, or the connection is closed
}

send_status reply_state::answer(websocket::verb what, message_view payload) {
  const auto envelope = websocket::make_envelope(what, id_, payload.text());
  if (answered_.exchange(true))
    return send_status::closed;
  const auto status = send_(message_view{payload.kind(), std::as_bytes(std::span{envelope})});
  if (status == send_status::dropped || status == send_status::closed)
    answered_ = false;
  else
    --*unanswered_;
  return status;
}

} // namespace detail

} // namespace harpia::inline v0
