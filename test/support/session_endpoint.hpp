// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "http/request_reader.hpp"
#include "websocket/session_context.hpp"

#include "support/event_functions.hpp"
#include "support/timeless_session.hpp"
#include "support/told.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace harpia::test {

/// One end of a WebSocket conversation in memory, by a `websocket::session`: the counterpart of a `beast_endpoint`.
class session_endpoint final : event_functions {
public:
  /// A client's opening handshake waits in `take_written` at once. A server takes one by `receive`.
  session_endpoint(role self, const route_options& options, websocket::messages given = websocket::messages::whole);

  /// Takes bytes from the peer, in any pieces.
  void receive(std::string_view bytes);
  /// The peer's bytes have ended.
  void receive_end() { session_.receive_end({}); }
  /// What it has queued since it was last asked.
  [[nodiscard]] std::string take_written();
  /// Everything that it has told.
  [[nodiscard]] const told_list& events() const noexcept { return events_; }

  [[nodiscard]] bool is_open() const noexcept { return session_.state() == ready_state::open; }
  [[nodiscard]] bool is_over() const noexcept { return session_.state() == ready_state::closed; }

  /// To send with.
  [[nodiscard]] timeless_session& session() noexcept { return session_; }

private:
  void on_message(message_view message) override { tell_message(message.kind(), message.text()); }
  void on_part(message_view part, last_part last) override;
  void on_ping(std::string_view payload) override { events_.push_back({told::event::ping, std::string{payload}}); }
  void on_pong(std::string_view payload) override { events_.push_back({told::event::pong, std::string{payload}}); }
  void on_failed(const error& what) override { failure_ = what; }
  void on_closed(close_code code, std::string_view reason) override;

  void accept(std::string_view bytes);
  void tell_message(message_kind kind, std::string_view payload);

  websocket::session_context context_;
  timeless_session session_;
  std::optional<http::request_reader> opening_; // of a server, until it has accepted
  std::optional<error> failure_;
  std::string message_; // of which parts have come
  told_list events_;
};

} // namespace harpia::test
