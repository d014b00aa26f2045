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

namespace harpia::inline v0::testing {

class simulation;

/// The implementation of a `connection_end`: the test's end of a connection, and the messages that it has received. It is passive: the
/// simulation calls `deliver` and `take`.
class peer : public std::enable_shared_from_this<peer> {
public:
  enum class kind : std::uint8_t { websocket, page, server };

  /// @param name its name in error messages
  peer(std::weak_ptr<simulation> world, kind what, std::string name, std::size_t kernel_buffer);
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  [[nodiscard]] std::unique_ptr<net::byte_stream> application_end() { return connection_->application_end(); }

  // For the simulation.

  [[nodiscard]] bool can_deliver() const noexcept;
  /// Delivers up to `most` bytes to the application, or the end-of-file after them.
  void deliver(std::size_t most);
  [[nodiscard]] bool can_take() const noexcept;
  /// Takes and parses the bytes that the application has written. @throws std::runtime_error if they violate the protocol
  void take();
  bool listed = false; // in the simulation's list of busy peers

  // For the test's end.

  [[nodiscard]] std::shared_ptr<simulation> world() const;
  /// Sends a client's request.
  void send_request(std::string_view request);
  void send_raw(std::string_view bytes);
  void send_frame(unsigned opcode, std::string_view payload);
  void close(std::string_view payload);
  void vanish() noexcept { vanished_ = true; }
  void cut();
  void reset();
  void set_reading(memory_connection::reading state);

  [[nodiscard]] role plays() const noexcept { return kind_ == kind::server ? role::server : role::client; }
  /// Of a server: the client's request, once complete.
  [[nodiscard]] const std::optional<harpia::request>& request() const noexcept { return request_; }
  [[nodiscard]] bool awaits_answer() const noexcept { return request_ && !end_received_; }
  /// Of a server: accepts the upgrade. @throws std::runtime_error if the request is no WebSocket upgrade
  void accept(const header_fields& headers);
  /// Of a server: refuses the upgrade.
  void refuse(int status);

  [[nodiscard]] bool is_answered() const noexcept { return answered_ || end_received_; }
  [[nodiscard]] bool is_open() const noexcept { return upgraded_ && !ending_ && !end_received_; }
  [[nodiscard]] bool is_over() const noexcept { return ending_ || end_received_ || (answered_ && !upgraded_); }
  [[nodiscard]] std::size_t unsent() const noexcept { return outgoing_.size(); }
  [[nodiscard]] bool is_delivered() const noexcept { return outgoing_.empty() && connection_->is_read(); }
  [[nodiscard]] const std::optional<http_response>& answer() const noexcept { return answer_; }
  [[nodiscard]] bool is_upgraded() const noexcept { return upgraded_; }
  [[nodiscard]] const std::optional<ending>& how_it_ended() const noexcept { return ending_; }
  /// The name and the current state.
  [[nodiscard]] std::string description() const;

  struct message {
    unsigned opcode;
    std::string payload;
  };
  std::deque<message> messages; // not yet taken by the test
  std::deque<std::string> pongs;

private:
  void wake();
  void parse();
  void take_answer();
  void take_request();
  void take_frame(const received_frame& frame);
  void take_data(const received_frame& frame);
  void on_end();

  std::weak_ptr<simulation> world_;
  kind kind_;
  std::string name_;
  std::shared_ptr<memory_connection> connection_;
  std::string outgoing_; // not delivered yet; bounded only by the test's sends
  std::string incoming_; // not parsed yet
  std::optional<message> fragments_;
  std::optional<http_response> answer_;
  std::optional<harpia::request> request_;
  std::optional<ending> ending_;
  extensions offer_ = extensions::none;
  bool asks_for_head_ = false; // the answer has no body
  bool answered_ = false;      // the answer is complete
  bool upgraded_ = false;
  bool reading_ = true;
  bool vanished_ = false;
  bool closing_ = false;           // a close frame was sent
  bool ends_after_output_ = false; // close the socket after `outgoing_`
  bool end_delivered_ = false;     // the socket is closed
  bool end_received_ = false;      // the application's end-of-file was read
};

} // namespace harpia::inline v0::testing
