// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/upgrade.hpp>

#include "routes/exchange_state.hpp"

#include "http/field.hpp"
#include "websocket/upgrade.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace harpia::inline v0 {

deferred_upgrade_base::deferred_upgrade_base(std::shared_ptr<detail::exchange_state> state)
    : answer_{std::make_shared<detail::pending_answer>(std::move(state))} {}

void deferred_upgrade_base::reject(int status, std::string body) const {
  auto refused = detail::refusal_by_handler(status, std::move(body));
  if (answer_) // null after a move
    answer_->submit(std::move(refused));
}

void deferred_upgrade_base::answer(http_response response) const {
  auto given = detail::checked_answer(std::move(response));
  if (answer_)
    answer_->submit(std::move(given));
}

void deferred_upgrade_base::accept_with(std::function<void()> prepare) const {
  if (answer_)
    answer_->submit(detail::exchange_state::accepted{std::move(prepare)});
}

void deferred_upgrade<void>::accept(attribute_list found) const {
  if (found.empty() || !answer_)
    return accept_with({});
  accept_with([state = answer_->state, found = std::move(found)] {
    for (const auto& [name, value] : found)
      state->request().set_attribute(name, value);
  });
}

const request& http_exchange::request() const noexcept {
  return state_->request();
}

std::string_view http_exchange::remote_address() const noexcept {
  return state_->request().remote_address();
}

void http_exchange::on_answered(std::function<void(int, std::chrono::milliseconds)> function) {
  if (function)
    state_->on_answered.push_back(std::move(function));
}

void http_exchange::set_header(std::string_view name, std::string_view value) {
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
    throw std::invalid_argument{"the connection itself sets the field '" + std::string{name} + "'"};
  state_->headers.emplace_back(name, value);
}

void http_exchange::reject(int status, std::string body) {
  state_->given = detail::refusal_by_handler(status, std::move(body));
}

void http_exchange::answer(http_response response) {
  state_->given = detail::checked_answer(std::move(response));
}

void http_exchange::set_attribute(std::string name, std::string value) {
  state_->request().set_attribute(std::move(name), std::move(value));
}

deferred_upgrade<void> http_exchange::defer() {
  return deferred_upgrade<void>{defer_answer()};
}

caf::event_based_actor& http_exchange::self() noexcept {
  return state_->router();
}

std::shared_ptr<detail::exchange_state> http_exchange::defer_answer() {
  state_->deferred = true;
  return state_;
}

void upgrade_base::subprotocol(std::string_view name) {
  const auto offered = websocket::offered_subprotocols(request());
  if (std::find(offered.begin(), offered.end(), name) == offered.end())
    throw std::invalid_argument{"the client did not offer the subprotocol '" + std::string{name} + "'"};
  state().subprotocol = name;
}

} // namespace harpia::inline v0
