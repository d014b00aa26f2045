// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/upgrade.hpp>

#include "routes/upgrade_state.hpp"

#include "http/http.hpp"
#include "websocket/upgrade.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace harpia {

namespace {

detail::upgrade_state::rejected rejection(int status, std::string body) {
  if (status < 300 || status > 599)
    throw std::invalid_argument{"an upgrade cannot be rejected with status " + std::to_string(status)};
  auto response = http::refuse(status, {});
  if (!body.empty())
    response.body = std::move(body);
  return {std::move(response)};
}

} // namespace

void detail::upgrade_state::answer(std::size_t of_step, decision what) {
  const std::scoped_lock lock{mutex_};
  if (!loop_)
    return;
  loop_->post([self = shared_from_this(), of_step, decided = std::move(what)]() mutable {
    if (of_step != self->step)
      return;
    if (const auto on_decision = std::exchange(self->on_answer, nullptr))
      on_decision(std::move(decided));
  });
}

void detail::upgrade_state::forget() {
  on_answer = nullptr;
  const std::scoped_lock lock{mutex_};
  loop_ = nullptr;
}

/// The answer of one handler. Its destructor rejects the upgrade if the handler gave none.
struct deferred_upgrade_base::pending_answer {
  explicit pending_answer(std::shared_ptr<detail::upgrade_state> awaiting) : state{std::move(awaiting)}, step{state->step} {}
  pending_answer(const pending_answer&) = delete;
  pending_answer& operator=(const pending_answer&) = delete;
  ~pending_answer() {
    try {
      submit(rejection(500, "500 Internal Server Error: the upgrade handler gave no answer\n"));
    } catch (...) {
      // Out of memory: the handshake timeout answers.
    }
  }

  void submit(detail::upgrade_state::decision what) const { state->answer(step, std::move(what)); }

  const std::shared_ptr<detail::upgrade_state> state;
  const std::size_t step;
};

deferred_upgrade_base::deferred_upgrade_base(std::shared_ptr<detail::upgrade_state> state)
    : answer_{std::make_shared<pending_answer>(std::move(state))} {}

void deferred_upgrade_base::reject(int status, std::string body) const {
  auto refusal = rejection(status, std::move(body));
  if (answer_) // null after a move
    answer_->submit(std::move(refusal));
}

void deferred_upgrade_base::accept_with(std::function<void()> prepare) const {
  if (answer_)
    answer_->submit(detail::upgrade_state::accepted{std::move(prepare)});
}

void deferred_upgrade<void>::accept(attribute_list found) const {
  if (found.empty() || !answer_)
    return accept_with({});
  accept_with([state = answer_->state, found = std::move(found)] {
    for (const auto& [name, value] : found)
      state->request().set_attribute(name, value);
  });
}

const request& upgrade_base::request() const noexcept {
  return state_->request();
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
  if (!http::is_field(name, value))
    throw std::invalid_argument{"'" + std::string{name} + "' cannot be a header field, or its value holds a control character"};
  if (std::any_of(reserved.begin(), reserved.end(), [&](std::string_view one) { return http::equal_fields(one, name); }))
    throw std::invalid_argument{"the handshake itself sets the field '" + std::string{name} + "'"};
  state_->headers.emplace_back(name, value);
}

void upgrade_base::subprotocol(std::string_view name) {
  const auto offered = websocket::offered_subprotocols(state_->request());
  if (std::find(offered.begin(), offered.end(), name) == offered.end())
    throw std::invalid_argument{"the client did not offer the subprotocol '" + std::string{name} + "'"};
  state_->subprotocol = name;
}

void upgrade_base::reject(int status, std::string body) {
  state_->rejection = rejection(status, std::move(body));
}

void upgrade_base::set_attribute(std::string name, std::string value) {
  state_->request().set_attribute(std::move(name), std::move(value));
}

deferred_upgrade<void> upgrade_base::defer() {
  return deferred_upgrade<void>{defer_answer()};
}

caf::event_based_actor& upgrade_base::self() noexcept {
  return state_->router();
}

std::shared_ptr<detail::upgrade_state> upgrade_base::defer_answer() {
  state_->deferred = true;
  return state_;
}

} // namespace harpia
