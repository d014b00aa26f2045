// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/event_listener.hpp"

#include <harpia/connection_event.hpp>

#include <cstddef>
#include <string_view>
#include <variant>

namespace harpia::test {

/// A listener with a function for each event of a session or a connection, for tests that look at some of them.
class event_functions : public websocket::event_listener {
public:
  void on_event(const websocket::connection_event& what) final {
    std::visit([this](const auto& each) { take(each); }, what);
  }

protected:
  ~event_functions() = default;

private:
  virtual void on_message(message_view) {}
  virtual void on_part(message_view, last_part) {}
  virtual void on_ping(std::string_view) {}
  virtual void on_pong(std::string_view) {}
  virtual void on_drain() {}
  virtual void on_dropped(std::size_t, std::size_t) {}
  virtual void on_failed(const error&) {}
  virtual void on_closed(close_code, std::string_view) {}

  void take(const websocket::event::message& what) { on_message(what.content); }
  void take(const websocket::event::message_part& what) { on_part(what.content, what.last); }
  void take(const websocket::event::pinged& what) { on_ping(what.payload); }
  void take(const websocket::event::ponged& what) { on_pong(what.payload); }
  void take(const websocket::event::drained&) { on_drain(); }
  void take(const websocket::event::dropped& what) { on_dropped(what.count, what.bytes); }
  void take(const websocket::event::failed& what) { on_failed(what.what); }
  void take(const websocket::event::closed& what) { on_closed(what.code, what.reason); }
  void take(const websocket::event::opened&) {}
  void take(const websocket::event::called&) {}
};

} // namespace harpia::test
