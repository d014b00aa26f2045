// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/connection_end.hpp>

#include "testing/frames.hpp"
#include "testing/peer.hpp"
#include "testing/simulation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0::testing {

namespace {

std::string shortened(const std::string& text) {
  constexpr std::size_t enough = 80;
  return text.size() <= enough ? text : text.substr(0, enough) + "…";
}

testing::peer::message next_message(testing::peer& behind, unsigned opcode) {
  behind.world()->await([&] { return !behind.messages.empty() || behind.is_over(); });
  if (behind.messages.empty())
    throw std::runtime_error{behind.description() + " has received no message"};
  auto next = std::move(behind.messages.front());
  behind.messages.pop_front();
  if (next.opcode != opcode)
    throw std::runtime_error{
        behind.description() + " has received a message of the other kind, text or binary: " + shortened(next.payload)};
  return next;
}

} // namespace

connection_end::~connection_end() {
  if (peer_)
    peer_->cut();
}

connection_end::connection_end(connection_end&&) noexcept = default;

connection_end& connection_end::operator=(connection_end&& other) noexcept {
  std::swap(peer_, other.peer_);
  return *this;
}

void connection_end::send(std::string_view text) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::text, text);
  world->settle();
}

void connection_end::send_binary(std::string_view bytes) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::binary, bytes);
  world->settle();
}

void connection_end::ping(std::string_view payload) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::ping, payload);
  world->settle();
}

void connection_end::close(close_code code, std::string_view reason) {
  if (reason.size() > max_close_reason)
    throw std::invalid_argument{"a close reason has at most 123 bytes, not " + std::to_string(reason.size())};
  const auto world = peer_->world();
  peer_->close(encode_closing(code, reason));
  world->settle();
}

std::string connection_end::received() {
  return next_message(*peer_, opcode::text).payload;
}

std::string connection_end::received_binary() {
  return next_message(*peer_, opcode::binary).payload;
}

std::optional<std::string> connection_end::try_received() {
  peer_->world()->await([&] { return !peer_->messages.empty() || peer_->is_over(); });
  if (peer_->messages.empty())
    return std::nullopt;
  auto next = std::move(peer_->messages.front().payload);
  peer_->messages.pop_front();
  return next;
}

std::vector<std::string> connection_end::received_all() {
  peer_->world()->run();
  std::vector<std::string> all;
  for (auto& each : std::exchange(peer_->messages, {}))
    all.push_back(std::move(each.payload));
  return all;
}

std::string connection_end::received_pong() {
  peer_->world()->await([&] { return !peer_->pongs.empty() || peer_->is_over(); });
  if (peer_->pongs.empty())
    throw std::runtime_error{peer_->description() + " has received no pong"};
  auto next = std::move(peer_->pongs.front());
  peer_->pongs.pop_front();
  return next;
}

bool connection_end::is_open() {
  peer_->world()->await([&] { return peer_->is_over(); });
  return peer_->is_open();
}

std::optional<ending> connection_end::closed() {
  peer_->world()->await([&] { return peer_->is_over(); });
  return peer_->how_it_ended();
}

std::size_t connection_end::unsent() {
  peer_->world()->run();
  return peer_->unsent();
}

void connection_end::stop_reading() {
  peer_->set_reading(memory_connection::reading::stopped);
}

void connection_end::resume_reading() {
  const auto world = peer_->world();
  peer_->set_reading(memory_connection::reading::going_on);
  world->settle();
}

void connection_end::vanish() {
  peer_->vanish();
}

void connection_end::cut() {
  const auto world = peer_->world();
  peer_->cut();
  world->settle();
}

void connection_end::reset() {
  const auto world = peer_->world();
  peer_->reset();
  world->settle();
}

void connection_end::send_raw(std::string_view bytes) {
  const auto world = peer_->world();
  peer_->send_raw(bytes);
  world->settle();
}

void connection_end::send_in_pieces(std::string_view bytes, std::size_t size) {
  if (size == 0)
    throw std::invalid_argument{"pieces of no bytes"};
  const auto world = peer_->world();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    peer_->send_raw(bytes.substr(0, size));
    world->await([&] { return peer_->is_delivered(); });
  }
}

void connection_end::send_frame(const frame& what) {
  send_raw(encode_frame(what, peer_->plays()));
}

} // namespace harpia::inline v0::testing
