// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame.hpp"
#include "websocket/outbound_queue.hpp"

#include <harpia/connection_event.hpp>
#include <harpia/delivery.hpp>
#include <harpia/http.hpp>

namespace harpia::websocket {

/// Who is told what happens to a session or to the connection around it. No function may throw.
///
/// Order: for a client at most one `on_response`; any number of `message`, or `message_part` in their place, `pinged`, `ponged`,
/// `drained`, `dropped` and outcomes; at most one `failed`; exactly one `closed`; then nothing. Outcomes and `dropped` may come between
/// `failed` and `closed`, so that nothing is left untold. Nobody here tells of `opened` or `called`.
class event_listener {
public:
  virtual void on_event(const connection_event& what) = 0;
  /// The server answered a client's opening handshake. The session is open if the status is 101; else `failed` and `closed` follow, as
  /// they do without this call if the answer is malformed or none came.
  virtual void on_response(const http_response& answer) { (void)answer; }
  /// What became of a message that was sent with `notify`. Sessions leave this to the connection around them.
  virtual void on_outcome(const delivery_ptr& notify, delivery_outcome outcome) {
    (void)notify;
    (void)outcome;
  }

protected:
  ~event_listener() = default;
};

} // namespace harpia::websocket
