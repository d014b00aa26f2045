// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/session_endpoint.hpp"

#include "websocket/upgrade.hpp"

#include "support/bytes.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace harpia::test {

namespace {

fault fault_of(const std::error_code& code, close_code sent) {
  if (code == errc::invalid_text)
    return fault::text;
  if (code == errc::message_too_big)
    return fault::size;
  return sent == close_code::invalid_payload ? fault::compression : fault::frame;
}

} // namespace

session_endpoint::session_endpoint(role self, const route_options& options, websocket::messages given)
    : session_{context_, *this, options, given} {
  if (self == role::client)
    session_.connect({.host = "localhost"});
  else
    opening_.emplace(std::size_t{1} << 14);
}

void session_endpoint::receive(std::string_view bytes) {
  if (opening_)
    return accept(bytes);
  auto copy = copy_of_bytes(bytes);
  session_.receive(copy);
}

void session_endpoint::accept(std::string_view bytes) {
  using state = http::request_reader::state;
  const auto read = opening_->read(as_bytes(bytes));
  if (read == state::incomplete)
    return;
  const auto asked = read == state::complete ? std::optional{opening_->take_request()} : std::nullopt;
  if (!asked || websocket::check_upgrade(*asked))
    throw std::runtime_error{"the opening handshake is no valid one"};
  session_.accept(*asked, {});
  const auto rest = opening_->rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  opening_.reset();
  session_.receive(early);
}

std::string session_endpoint::take_written() {
  return session_.written();
}

void session_endpoint::tell_message(message_kind kind, std::string_view payload) {
  events_.push_back({kind == message_kind::text ? told::event::text : told::event::binary, std::string{payload}});
}

void session_endpoint::on_part(message_view part, last_part last) {
  message_.append(part.text());
  if (last == last_part::yes)
    tell_message(part.kind(), std::exchange(message_, {}));
}

void session_endpoint::on_closed(close_code code, std::string_view reason) {
  const auto number = static_cast<int>(code);
  if (!failure_)
    events_.push_back({code == close_code::abnormal ? told::event::lost : told::event::closed, std::string{reason},
                       code == close_code::abnormal ? 0 : number});
  else if (failure_->code() == errc::connection_lost)
    events_.push_back({told::event::lost});
  else
    events_.push_back(
        {.what = told::event::failed, .code = number, .why = fault_of(failure_->code(), code), .words = failure_->what()});
}

} // namespace harpia::test
