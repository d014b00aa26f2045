// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/upgrade.hpp>

#include "upgrade_state.hpp"

#include <harpia/protocol/http.hpp>
#include <harpia/protocol/upgrade.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace harpia {

namespace {

detail::upgrade_state::rejected rejection(int status, std::string body) {
  if (status < 300 || status > 599)
    throw std::invalid_argument{"an upgrade cannot be rejected with status " + std::to_string(status)};
  auto response = protocol::refuse(status, {});
  if (!body.empty())
    response.body = std::move(body);
  return {std::move(response)};
}

} // namespace

void detail::upgrade_state::answer(decision what) {
  const std::scoped_lock lock{mutex_};
  if (!loop_)
    return;
  loop_->post([self = shared_from_this(), decided = std::move(what)]() mutable {
    if (const auto tell = std::exchange(self->on_answer, nullptr))
      tell(std::move(decided));
  });
}

void detail::upgrade_state::forget() {
  on_answer = nullptr;
  const std::scoped_lock lock{mutex_};
  loop_ = nullptr;
}

/// Answers for those who forgot to.
struct deferred_upgrade_base::answer_guard {
  explicit answer_guard(std::shared_ptr<detail::upgrade_state> guarded) : state{std::move(guarded)} {}
  answer_guard(const answer_guard&) = delete;
  answer_guard& operator=(const answer_guard&) = delete;
  ~answer_guard() { state->answer(rejection(500, "500 Internal Server Error: the upgrade was left without an answer\n")); }

  std::shared_ptr<detail::upgrade_state> state;
};

deferred_upgrade_base::deferred_upgrade_base(std::shared_ptr<detail::upgrade_state> state)
    : state_{std::move(state)}, guard_{std::make_shared<answer_guard>(state_)} {}

void deferred_upgrade_base::reject(int status, std::string body) const {
  state_->answer(rejection(status, std::move(body)));
}

void deferred_upgrade_base::accept_with(std::function<void()> prepare) const {
  state_->answer(detail::upgrade_state::accepted{std::move(prepare)});
}

const request& upgrade_base::request() const noexcept {
  return state_->asked();
}

std::string_view upgrade_base::remote_address() const noexcept {
  return state_->remote_address();
}

void upgrade_base::set_header(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 7> reserved{
      "Upgrade",
      "Connection",
      "Content-Length",
      "Transfer-Encoding",
      "Sec-WebSocket-Accept",
      "Sec-WebSocket-Extensions",
      "Sec-WebSocket-Protocol"};
  if (!protocol::is_field(name, value))
    throw std::invalid_argument{"'" + std::string{name} + "' cannot be a header field, or its value holds a control character"};
  if (std::any_of(reserved.begin(), reserved.end(), [&](std::string_view one) { return protocol::equal_fields(one, name); }))
    throw std::invalid_argument{"the handshake itself sets the field '" + std::string{name} + "'"};
  state_->headers.emplace_back(name, value);
}

void upgrade_base::subprotocol(std::string_view name) {
  const auto offered = protocol::offered_subprotocols(state_->asked());
  if (std::find(offered.begin(), offered.end(), name) == offered.end())
    throw std::invalid_argument{"the client did not offer the subprotocol '" + std::string{name} + "'"};
  state_->subprotocol = name;
}

void upgrade_base::reject(int status, std::string body) {
  state_->rejection = rejection(status, std::move(body));
}

caf::event_based_actor& upgrade_base::self() noexcept {
  return state_->router();
}

std::shared_ptr<detail::upgrade_state> upgrade_base::defer_answer() {
  state_->deferred = true;
  return state_;
}

} // namespace harpia
