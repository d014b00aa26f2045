// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "upgrade_state.hpp"
#include "worker.hpp"

#include <harpia/protocol/http.hpp>
#include <harpia/transport/channel.hpp>
#include <harpia/transport/event_loop.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace harpia::detail {

/// A socket from its accept until its request is answered or it became a connection. Small, under a deadline, no actor.
class handshake final : public transport::resident, private transport::io_handler, private transport::timer {
public:
  handshake(worker& owner, transport::channel accepted);
  ~handshake() override;

private:
  void on_io(transport::interest ready) override;
  void on_timer() override;

  void decide();
  void ask(const websocket_route& route);
  void ask_on();
  void answered(upgrade_state::decision what);
  void become_connection();
  void respond(const http_response& response, protocol::body_part body = protocol::body_part::included);
  void finish();

  worker* worker_;
  transport::channel channel_;
  protocol::request_reader reader_;
  request asked_;
  const websocket_route* route_ = nullptr;
  socket_ptr ws_{nullptr, {nullptr}};
  std::shared_ptr<upgrade_state> upgrade_; // while user code decides
};

/// Answers a socket that there is no room for.
void refuse_connection(worker& owner, transport::channel accepted);

} // namespace harpia::detail
