// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/socket.hpp>

#include "connection/connection.hpp"
#include "facade/access.hpp"
#include "facade/check_close.hpp"

#include <stdexcept>
#include <utility>

namespace harpia::inline v0 {

namespace {

std::string_view checked(std::string_view payload) {
  if (payload.size() > websocket::max_control_payload)
    throw std::invalid_argument{"a ping or pong carries at most 125 bytes, not " + std::to_string(payload.size())};
  return payload;
}

} // namespace

// The way of nearly all messages, as one function.
[[gnu::flatten]] send_status socket_base::send_message(message_view message) const {
  return connection_->send(message);
}

send_status socket_base::send_message(message_view message, send_options options) const {
  return connection_->send_with(message, std::move(options));
}

pending_call socket_base::call(message_view request, std::chrono::milliseconds timeout) {
  return connection_->call(request, timeout);
}

void socket_base::set_limits(const send_limits& limits) {
  connection_->set_limits(limits);
}

send_limits socket_base::limits() const noexcept {
  return connection_->limits();
}

void socket_base::pause() {
  connection_->pause_reading();
}

void socket_base::resume() {
  connection_->resume_reading();
}

bool socket_base::is_paused() const noexcept {
  return connection_->is_paused();
}

void socket_base::close(close_code code, std::string_view reason) {
  detail::check_close(code, reason);
  connection_->close(code, reason);
}

void socket_base::terminate() {
  connection_->terminate();
}

void socket_base::cork(const std::function<void()>& sends) {
  sends();
  connection_->flush();
}

send_status socket_base::ping(std::string_view payload) {
  return connection_->send_control(websocket::opcode::ping, checked(payload));
}

send_status socket_base::pong(std::string_view payload) {
  return connection_->send_control(websocket::opcode::pong, checked(payload));
}

void socket_base::subscribe(std::string_view group) {
  connection_->subscribe(group);
}

void socket_base::unsubscribe(std::string_view group) {
  connection_->unsubscribe(group);
}

bool socket_base::is_subscribed(std::string_view group) const {
  return connection_->is_subscribed(group);
}

std::vector<std::string> socket_base::subscriptions() const {
  return connection_->subscriptions();
}

publish_status socket_base::publish(std::string_view group, message_view message, publish_options options) {
  return connection_->publish(group, message, std::move(options));
}

handle socket_base::handle() {
  return connection_->make_handle();
}

timer_id socket_base::after(std::chrono::milliseconds delay, detail::timer_function function) {
  if (delay.count() < 0)
    throw std::invalid_argument{"the delay of a timer must not be negative, but is " + std::to_string(delay.count()) + " ms"};
  return connection_->start_timer(delay, {}, std::move(function));
}

timer_id socket_base::every(std::chrono::milliseconds period, detail::timer_function function) {
  if (period.count() <= 0)
    throw std::invalid_argument{"the period of a timer must be more than 0, but is " + std::to_string(period.count()) + " ms"};
  return connection_->start_timer(period, period, std::move(function));
}

bool socket_base::cancel(timer_id which) {
  return connection_->cancel_timer(which);
}

harpia::ready_state socket_base::ready_state() const noexcept {
  return connection_->state();
}

std::size_t socket_base::buffered_amount() const noexcept {
  return connection_->buffered();
}

std::string_view socket_base::remote_address() const noexcept {
  return connection_->remote_address();
}

const request& socket_base::request() const noexcept {
  return connection_->opening();
}

std::string_view socket_base::subprotocol() const noexcept {
  return connection_->subprotocol();
}

std::chrono::steady_clock::time_point socket_base::now() const noexcept {
  return connection_->now();
}

caf::event_based_actor& socket_base::self() noexcept {
  return *connection_;
}

} // namespace harpia::inline v0
