// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame.hpp"
#include "websocket/outbound_queue.hpp"

#include <harpia/connection_event.hpp>
#include <harpia/http.hpp>

namespace harpia::inline v0::websocket {

/// Receives the events of a session or of its stream. No function may throw.
///
/// Order: for a client at most one `on_response`; any number of `message`, or `message_part` in their place, `pinged`, `ponged`,
/// `drained`, `dropped` and outcomes; at most one `failed`; exactly one `closed`; then nothing. Outcomes and `dropped` may come between
/// `failed` and `closed`, so that all of them are reported. `opened` and `called` never come from here.
class event_listener {
public:
  virtual void on_event(const connection_event& what) = 0;
  /// The server answered a client's opening handshake. The session is open if the status is 101. Otherwise `failed` and `closed`
  /// follow. They also come, without this call, if the response is malformed or missing.
  virtual void on_response(const http_response& answer) { (void)answer; }
  /// The outcome of a message that was sent with `notify`. The stream calls this; a session does not.
  virtual void on_outcome(const delivery_ptr& notify, delivery_outcome outcome) {
    (void)notify;
    (void)outcome;
  }

protected:
  ~event_listener() = default;
};

} // namespace harpia::inline v0::websocket
