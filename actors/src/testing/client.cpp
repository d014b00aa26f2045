// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/client.hpp>

#include "frames.hpp"
#include "peer.hpp"
#include "simulation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpia::testing {

namespace {

std::string shortened(const std::string& text) {
  constexpr std::size_t enough = 80;
  return text.size() <= enough ? text : text.substr(0, enough) + "…";
}

peer::message next_message(peer& behind, unsigned opcode) {
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

client::~client() {
  if (peer_)
    peer_->cut();
}

client::client(client&&) noexcept = default;

client& client::operator=(client&& other) noexcept {
  std::swap(peer_, other.peer_);
  return *this;
}

void client::send(std::string_view text) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::text, text);
  world->settle();
}

void client::send_binary(std::string_view bytes) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::binary, bytes);
  world->settle();
}

void client::ping(std::string_view payload) {
  const auto world = peer_->world();
  peer_->send_frame(opcode::ping, payload);
  world->settle();
}

void client::close(close_code code, std::string_view reason) {
  if (reason.size() > max_close_reason)
    throw std::invalid_argument{"a close reason has at most 123 bytes, not " + std::to_string(reason.size())};
  const auto world = peer_->world();
  peer_->close(encode_closing(code, reason));
  world->settle();
}

std::string client::received() {
  return next_message(*peer_, opcode::text).payload;
}

std::string client::received_binary() {
  return next_message(*peer_, opcode::binary).payload;
}

std::optional<std::string> client::try_received() {
  peer_->world()->await([&] { return !peer_->messages.empty() || peer_->is_over(); });
  if (peer_->messages.empty())
    return std::nullopt;
  auto next = std::move(peer_->messages.front().payload);
  peer_->messages.pop_front();
  return next;
}

std::vector<std::string> client::received_all() {
  peer_->world()->run();
  std::vector<std::string> all;
  for (auto& each : std::exchange(peer_->messages, {}))
    all.push_back(std::move(each.payload));
  return all;
}

std::string client::received_pong() {
  peer_->world()->await([&] { return !peer_->pongs.empty() || peer_->is_over(); });
  if (peer_->pongs.empty())
    throw std::runtime_error{peer_->description() + " has received no pong"};
  auto next = std::move(peer_->pongs.front());
  peer_->pongs.pop_front();
  return next;
}

bool client::is_open() {
  peer_->world()->await([&] { return peer_->is_over(); });
  return peer_->is_open();
}

std::optional<ending> client::closed() {
  peer_->world()->await([&] { return peer_->is_over(); });
  return peer_->how_it_ended();
}

std::optional<http_response> client::refusal() {
  peer_->world()->await([&] { return peer_->is_answered(); });
  return peer_->is_upgraded() ? std::nullopt : peer_->answer();
}

std::optional<std::string> client::response_header(std::string_view name) {
  peer_->world()->await([&] { return peer_->is_answered(); });
  const auto* found = peer_->answer() ? find_field(peer_->answer()->headers, name) : nullptr;
  return found ? std::optional{*found} : std::nullopt;
}

std::size_t client::unsent() {
  peer_->world()->run();
  return peer_->unsent();
}

void client::stop_reading() {
  peer_->set_reading(memory_connection::reading::stopped);
}

void client::resume_reading() {
  const auto world = peer_->world();
  peer_->set_reading(memory_connection::reading::going_on);
  world->settle();
}

void client::vanish() {
  peer_->vanish();
}

void client::cut() {
  const auto world = peer_->world();
  peer_->cut();
  world->settle();
}

void client::reset() {
  const auto world = peer_->world();
  peer_->reset();
  world->settle();
}

void client::send_raw(std::string_view bytes) {
  const auto world = peer_->world();
  peer_->send_raw(bytes);
  world->settle();
}

void client::send_in_pieces(std::string_view bytes, std::size_t size) {
  if (size == 0)
    throw std::invalid_argument{"pieces of no bytes"};
  const auto world = peer_->world();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    peer_->send_raw(bytes.substr(0, size));
    world->await([&] { return peer_->is_heard(); });
  }
}

void client::send_frame(const frame& what) {
  send_raw(encode(what));
}

} // namespace harpia::testing
