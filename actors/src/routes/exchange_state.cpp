// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routes/exchange_state.hpp"

#include "log/logger.hpp"

#include "http/response.hpp"

#include <exception>
#include <stdexcept>

namespace harpia::inline v0::detail {

void exchange_state::answer(std::size_t of_step, decision what) {
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

void exchange_state::streamed::leave::operator()(body_stream* left) const noexcept {
  try {
    if (const auto on_close = left->cut())
      on_close();
  } catch (...) {
    log_failure(*logger::without_app(), "the function 'on_close' of a stream");
  }
}

net::event_loop* exchange_state::loop() {
  const std::scoped_lock lock{mutex_};
  return loop_;
}

void exchange_state::forget() {
  on_answer = nullptr;
  const std::scoped_lock lock{mutex_};
  loop_ = nullptr;
}

exchange_state::answered refusal_by_handler(int status, std::string body) {
  if (status < 300 || status > 599)
    throw std::invalid_argument{"a request cannot be rejected with status " + std::to_string(status)};
  auto response = http::refuse(status, {});
  if (!body.empty())
    response.body = std::move(body);
  if (http::has_no_body(status))
    response.body.clear();
  return {std::move(response)};
}

exchange_state::answered checked_answer(http_response response) {
  if (const auto fault = http::fault_of(response))
    throw std::invalid_argument{"this response cannot be sent: " + *fault};
  return {std::move(response)};
}

pending_answer::~pending_answer() {
  try {
    submit(refusal_by_handler(500, "500 Internal Server Error: the handler gave no answer\n"));
  } catch (...) {
    // Out of memory: the time-out answers.
  }
}

} // namespace harpia::inline v0::detail
