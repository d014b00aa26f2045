// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/server.hpp>

#include "testing/frames.hpp"
#include "testing/peer.hpp"
#include "testing/simulation.hpp"

#include <stdexcept>
#include <utility>

namespace harpia::inline v0::testing {

namespace {

std::shared_ptr<peer> next_client(listening& server) {
  server.world()->await([&] { return server.waiting() > 0; });
  auto next = server.take();
  if (!next)
    throw std::runtime_error{"no client has requested a WebSocket from the server"};
  return next;
}

} // namespace

const request& server_end::opening() const noexcept {
  return *peer().request();
}

std::string server_end::encode(const frame& what) {
  return encode_frame(what, role::server);
}

server::~server() = default;
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;

server_end server::accept(const std::vector<std::pair<std::string, std::string>>& headers) {
  const auto next = next_client(*listening_);
  next->accept(headers);
  listening_->world()->settle();
  return server_end{next};
}

void server::refuse(int status) {
  next_client(*listening_)->refuse(status);
  listening_->world()->settle();
}

std::size_t server::waiting() {
  listening_->world()->run();
  return listening_->waiting();
}

} // namespace harpia::inline v0::testing
