// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/page.hpp>

#include "pages/body_stream.hpp"
#include "routes/exchange_state.hpp"

#include "http/field.hpp"
#include "http/response.hpp"

#include <algorithm>
#include <stdexcept>

namespace harpia::inline v0 {

/// What the copies of a stream share. Ends the body with the last of them.
struct http_stream::shared_end {
  explicit shared_end(std::shared_ptr<detail::body_stream> of) noexcept : body{std::move(of)} {}
  shared_end(const shared_end&) = delete;
  shared_end& operator=(const shared_end&) = delete;
  ~shared_end() {
    try {
      body->end();
    } catch (...) {
      // Out of memory: the body ends with the connection.
    }
  }

  const std::shared_ptr<detail::body_stream> body;
};

http_stream::http_stream(std::shared_ptr<detail::body_stream> state) : state_{std::make_shared<shared_end>(std::move(state))} {}

send_status http_stream::write(std::string_view bytes) const {
  if (bytes.empty())
    return is_open() ? send_status::sent : send_status::closed;
  return state_->body->write(bytes);
}

void http_stream::end() const {
  state_->body->end();
}

void http_stream::on_drain(std::function<void()> function) const {
  state_->body->on_drain(std::move(function));
}

void http_stream::on_close(std::function<void()> function) const {
  state_->body->on_close(std::move(function));
}

bool http_stream::is_open() const noexcept {
  return state_->body->is_open();
}

std::size_t http_stream::buffered() const noexcept {
  return state_->body->buffered();
}

http_reply::http_reply(std::shared_ptr<detail::exchange_state> state)
    : answer_{std::make_shared<detail::pending_answer>(std::move(state))} {}

void http_reply::send(http_response response) const {
  answer_->submit(detail::checked_answer(std::move(response)));
}

http_stream http_reply::stream(http_response head, const send_limits& limits) const {
  validate(limits);
  if (!head.body.empty())
    throw std::invalid_argument{"the head of a stream has no body: it is written later"};
  const auto is_length = [](const auto& field) { return http::equal_fields(field.first, "Content-Length"); };
  if (std::ranges::any_of(head.headers, is_length))
    throw std::invalid_argument{"the head of a stream has no Content-Length: it is not known yet"};
  if (http::has_no_body(head.status))
    throw std::invalid_argument{"a response with status " + std::to_string(head.status) + " has no body"};
  auto checked = detail::checked_answer(std::move(head));
  const auto body = std::make_shared<detail::body_stream>(answer_->state->loop(), limits);
  answer_->submit(detail::exchange_state::streamed{std::move(checked.response), body});
  return http_stream{body};
}

caf::event_based_actor& http_reply::self() const noexcept {
  return answer_->state->router();
}

std::string to_text(const server_sent_event& event) {
  const auto check = [](std::string_view text, std::string_view forbidden, const char* name) {
    if (text.find_first_of(forbidden) != std::string_view::npos)
      throw std::invalid_argument{std::string{"the field '"} + name + "' of an event cannot hold a line break or NUL"};
  };
  using namespace std::string_view_literals;
  check(event.event, "\r\n"sv, "event");
  check(event.id, "\r\n\0"sv, "id");
  std::string text;
  if (!event.event.empty())
    text.append("event: ").append(event.event).append("\n");
  if (!event.id.empty())
    text.append("id: ").append(event.id).append("\n");
  if (event.retry >= 0)
    text.append("retry: ").append(std::to_string(event.retry)).append("\n");
  // CR, LF and CRLF end a line of the stream.
  auto rest = event.data;
  for (bool has_more = !rest.empty(); has_more;) {
    const auto size = std::min(rest.find_first_of("\r\n"), rest.size());
    text.append("data: ").append(rest.substr(0, size)).append("\n");
    has_more = size < rest.size();
    rest.remove_prefix(size);
    rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, rest.size()));
  }
  if (text.empty())
    text.append(":\n"); // a comment
  return text.append("\n");
}

} // namespace harpia::inline v0
