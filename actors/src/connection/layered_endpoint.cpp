// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "middleware/layered_endpoint.hpp"

#include "connection/connection.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpia {

void next_handler::operator()(message_view message) const {
  layers_->enter(next_, *ws_, message);
}

void next_part_handler::operator()(message_view part, last_part last) const {
  layers_->enter_part(next_, *ws_, part, last);
}

send_status next_sender::operator()(message_view message) const {
  return layers_->leave(left_, *ws_, message, *sent_);
}

} // namespace harpia

namespace harpia::detail {

namespace {

void check(std::string_view route, const endpoint& inner, const middleware& layer) {
  if (inner.takes_parts() && layer.message && !layer.message_part)
    throw std::invalid_argument{
        "'" + std::string{route} + "' takes messages in parts, and a middleware around it has 'message' but no 'message_part'"};
}

} // namespace

send_status endpoint::send(socket_base& ws, message_view message, outgoing_message& sent) const {
  return ws.connection_->put_out(message, sent);
}

void own_layers_deleter::operator()(own_layers* layers) const noexcept {
  delete layers;
}

layered_endpoint::layered_endpoint(std::string_view route, layer_list layers, std::shared_ptr<const endpoint> inner)
    : layers_{std::move(layers)}, inner_{std::move(inner)}, sends_{std::ranges::any_of(layers_, [](const auto& each) {
        return each->make || each->shared.send;
      })} {
  for (const auto& each : layers_)
    check(route, *inner_, each->shared);
}

const middleware& layered_endpoint::layer_of(std::size_t number, const socket_base& ws) const {
  const auto& declared = *layers_[number];
  return declared.make ? ws.own_layers_->each[number] : declared.shared;
}

socket_ptr layered_endpoint::make_socket() const {
  auto ws = inner_->make_socket();
  if (std::ranges::none_of(layers_, [](const auto& each) { return static_cast<bool>(each->make); }))
    return ws;
  ws->own_layers_.reset(new own_layers);
  for (const auto& each : layers_)
    check("the route", *inner_, ws->own_layers_->each.emplace_back(each->make ? each->make() : middleware{}));
  return ws;
}

void layered_endpoint::enter(std::size_t number, socket_base& ws, message_view message) const {
  if (number == layers_.size())
    return ws.connection_->hand_in(*inner_, message);
  const auto& entered = layer_of(number, ws).message;
  if (!entered)
    return enter(number + 1, ws, message);
  entered(ws, message, next_handler{*this, ws, number + 1});
}

void layered_endpoint::enter_part(std::size_t number, socket_base& ws, message_view part, last_part last) const {
  for (; number < layers_.size(); ++number)
    if (const auto& entered = layer_of(number, ws).message_part)
      return entered(ws, part, last, next_part_handler{*this, ws, number + 1});
  inner_->message_part(ws, part, last);
}

send_status layered_endpoint::leave(std::size_t left, socket_base& ws, message_view message, outgoing_message& sent) const {
  for (; left > 0; --left)
    if (const auto& passes = layer_of(left - 1, ws).send)
      return passes(ws, message, next_sender{*this, ws, left - 1, sent});
  return inner_->send(ws, message, sent);
}

void layered_endpoint::upgrade(std::size_t step, const std::shared_ptr<upgrade_state>& state, socket_base& ws) const {
  if (step >= layers_.size())
    return inner_->upgrade(step - layers_.size(), state, ws);
  if (const auto& decides = layer_of(step, ws).upgrade) {
    harpia::upgrade<void> request{state};
    decides(request);
  }
}

void layered_endpoint::open(socket_base& ws) const {
  for (std::size_t i = 0; i < layers_.size(); ++i)
    if (const auto& opens = layer_of(i, ws).open)
      opens(ws);
  inner_->open(ws);
}

// Every layer hears of the end, also when one throws; the first exception is the one that counts.
void layered_endpoint::close(socket_base& ws, close_code code, std::string_view reason) const {
  std::exception_ptr first;
  const auto attempt = [&first](auto function) {
    try {
      function();
    } catch (...) {
      if (!first)
        first = std::current_exception();
    }
  };
  attempt([&] { inner_->close(ws, code, reason); });
  for (auto i = layers_.size(); i-- > 0;)
    if (const auto& closes = layer_of(i, ws).close)
      attempt([&] { closes(ws, code, reason); });
  if (first)
    std::rethrow_exception(first);
}

std::shared_ptr<const endpoint>
put_around(std::string_view route, const layer_list& outer, std::shared_ptr<const endpoint> target) {
  if (outer.empty())
    return target;
  auto all = outer;
  if (const auto* layered = dynamic_cast<const layered_endpoint*>(target.get())) {
    all.insert(all.end(), layered->layers().begin(), layered->layers().end());
    target = layered->inner();
  }
  return std::make_shared<layered_endpoint>(route, std::move(all), std::move(target));
}

} // namespace harpia::detail
