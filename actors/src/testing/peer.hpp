// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "testing/frames.hpp"
#include "testing/memory_stream.hpp"

#include <harpia/http.hpp>
#include <harpia/request.hpp>
#include <harpia/testing/connection_end.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::testing {

class simulation;

/// What is behind a `connection_end`: the test's end of a connection, and what it has heard. It does nothing by itself: the simulation
/// has it deliver and take.
class peer : public std::enable_shared_from_this<peer> {
public:
  enum class kind : std::uint8_t { websocket, page, server };

  /// @param name is what failures call it
  peer(std::weak_ptr<simulation> world, kind what, std::string name, std::size_t kernel_buffer);
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  [[nodiscard]] std::unique_ptr<net::byte_stream> application_end() { return connection_->application_end(); }

  // For the simulation.

  [[nodiscard]] bool can_deliver() const noexcept;
  /// Brings up to `most` bytes to the application, or the end that is behind them.
  void deliver(std::size_t most);
  [[nodiscard]] bool can_take() const noexcept;
  /// Takes what the application has written and understands it. @throws std::runtime_error if that must not be said
  void take();
  bool listed = false; // among those that may have something to do

  // For the test's end.

  [[nodiscard]] std::shared_ptr<simulation> world() const;
  /// Sends a client's request.
  void ask(std::string_view request);
  void send_raw(std::string_view bytes);
  void send_frame(unsigned opcode, std::string_view payload);
  void close(std::string_view payload);
  void vanish() noexcept { vanished_ = true; }
  void cut();
  void reset();
  void set_reading(memory_connection::reading state);

  [[nodiscard]] role plays() const noexcept { return kind_ == kind::server ? role::server : role::client; }
  /// Of a server: what was asked for, once it has come.
  [[nodiscard]] const std::optional<request>& asked() const noexcept { return asked_; }
  [[nodiscard]] bool is_asking() const noexcept { return asked_ && !end_seen_; }
  /// Of a server: says yes. @throws std::runtime_error if no WebSocket was asked for
  void accept(const header_fields& headers);
  /// Of a server: says no.
  void refuse(int status);

  [[nodiscard]] bool is_answered() const noexcept { return answered_ || end_seen_; }
  [[nodiscard]] bool is_open() const noexcept { return upgraded_ && !ending_ && !end_seen_; }
  [[nodiscard]] bool is_over() const noexcept { return ending_ || end_seen_ || (answered_ && !upgraded_); }
  [[nodiscard]] std::size_t unsent() const noexcept { return outgoing_.size(); }
  [[nodiscard]] bool is_heard() const noexcept { return outgoing_.empty() && connection_->is_read(); }
  [[nodiscard]] const std::optional<http_response>& answer() const noexcept { return answer_; }
  [[nodiscard]] bool is_upgraded() const noexcept { return upgraded_; }
  [[nodiscard]] const std::optional<ending>& how_it_ended() const noexcept { return ending_; }
  /// The name, and how things stand.
  [[nodiscard]] std::string description() const;

  struct message {
    unsigned opcode;
    std::string payload;
  };
  std::deque<message> messages; // that the test has not asked for yet
  std::deque<std::string> pongs;

private:
  void wake();
  void understand();
  void take_answer();
  void take_request();
  void take_frame(const received_frame& frame);
  void take_data(const received_frame& frame);
  void on_end();

  std::weak_ptr<simulation> world_;
  kind kind_;
  std::string name_;
  std::shared_ptr<memory_connection> connection_;
  std::string outgoing_; // not delivered yet; as much as the test sends
  std::string incoming_; // not understood yet
  std::optional<message> fragments_;
  std::optional<http_response> answer_;
  std::optional<request> asked_;
  std::optional<ending> ending_;
  extensions offer_ = extensions::none;
  bool answered_ = false; // the answer is complete
  bool upgraded_ = false;
  bool reading_ = true;
  bool vanished_ = false;
  bool closing_ = false;       // a close frame was sent
  bool wants_end_ = false;     // the socket is closed behind `outgoing_`
  bool end_delivered_ = false; // it is
  bool end_seen_ = false;      // the application's end
};

} // namespace harpia::testing
