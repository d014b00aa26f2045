// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/session.hpp"
#include "websocket/session_context.hpp"

#include "support/written.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace harpia::test {

/// A session for which no time passes, and which is settled as soon as no event of it is running, as by its loop.
class timeless_session {
public:
  /// @param shared, events outlive it
  timeless_session(websocket::session_context& shared, websocket::event_listener& events, const route_options& options,
                   websocket::messages given = websocket::messages::whole)
      : session_{shared, events, options, now, given} {}

  void accept(const request& asked, const websocket::header_fields& fields) { session_.accept(asked, fields, now); }
  void connect(websocket::client_opening opening) { session_.connect(std::move(opening), websocket::session::time_point::max()); }
  void receive(std::span<std::byte> bytes) {
    run([&] { session_.receive(bytes, now); });
  }
  void receive_end(std::error_code reason) {
    run([&] { session_.receive_end(reason, now); });
  }
  void fail_write(const std::error_code& reason) {
    run([&] { session_.fail_write(reason); });
  }

  send_status send(message_view message, websocket::message_options options = {}) {
    return session_.send(message, std::move(options));
  }
  send_status send(const websocket::shared_frame& frame, websocket::message_options options = {}) {
    return session_.send(frame, std::move(options));
  }
  send_status send_control(websocket::opcode code, std::string_view payload) { return session_.send_control(code, payload); }
  void close(close_code code, std::string_view reason) { session_.close(code, reason, now); }
  void abort() {
    run([&] { session_.terminate(); });
  }
  void pause() { session_.pause(); }
  void resume() {
    run([&] { session_.resume(); });
  }

  [[nodiscard]] bool paused() const noexcept { return session_.paused(); }
  [[nodiscard]] ready_state state() const noexcept { return session_.state(); }
  [[nodiscard]] websocket::outbound_queue& out() noexcept { return session_.out(); }
  [[nodiscard]] std::string written() { return take_written(session_.out()); }

private:
  static constexpr websocket::session::time_point now{};

  template <class Function>
  void run(Function function) {
    const bool is_outermost = !std::exchange(running_, true);
    function();
    if (!is_outermost)
      return;
    session_.settle(now);
    running_ = false;
  }

  websocket::session session_;
  bool running_ = false; // inside of one of its functions that tell events
};

} // namespace harpia::test
