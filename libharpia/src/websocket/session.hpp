// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/client_handshake.hpp"
#include "websocket/event_listener.hpp"
#include "websocket/frame.hpp"
#include "websocket/message_reader.hpp"
#include "websocket/outbound_queue.hpp"
#include "websocket/upgrade.hpp"
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace harpia::websocket {

class deflate_extension;
class session_context;

/// One side of a WebSocket connection (RFC 6455, 7692), without a socket: bytes go in, events and bytes come out. It is a server after
/// `accept` and a client after `connect`.
///
/// It compresses and inflates messages with the loop's deflaters and inflaters, unless context takeover was negotiated.
///
/// The listener is called only inside the session's own functions; the session must outlive each of these calls. After `closed` the
/// owner must write the rest of the outbound queue, which may hold a close frame, and then close the transport.
///
/// All work happens inside the calls: there is no thread, no clock and no asynchronous operation. Events may call the session but must
/// not destroy it. Not thread-safe.
class session final : private reader_events {
public:
  /// @param shared outlives the session
  /// @param out receives the bytes to write; outlives the session
  session(session_context& shared, outbound_queue& out, event_listener& events, const route_options& options,
          messages given = messages::whole);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Answers an opening handshake that passed `check_upgrade`: queues the 101 with `fields` added. Call it once, first.
  void accept(const request& opening, const header_fields& fields);

  /// Queues an opening handshake; `on_response` reports when the session is open. Call it once, first. Offers compression if the options
  /// enable it. All frames sent from then on are masked (RFC 6455, 5.3).
  void connect(client_opening opening);

  /// Processes bytes from the peer and modifies them in place. Does nothing once the session has ended.
  void receive(std::span<std::byte> bytes);

  /// Where the next bytes should be read into before they are passed to `receive`: memory of a large message. Empty: anywhere.
  [[nodiscard]] std::span<std::byte> target() { return reads_directly() ? reader_.target() : std::span<std::byte>{}; }
  [[nodiscard]] bool reads_directly() const noexcept { return !stashed_ && !paused_ && reader_.has_target(); }

  /// The peer's bytes have ended. `reason` is empty for an orderly end of the stream.
  void receive_end(std::error_code reason);

  /// Queues a message. @return `closed` unless the session is open; otherwise the result of `outbound_queue::push`
  send_status send(message_view message, message_options options = {});
  send_status send(const shared_frame& encoded, message_options options = {});

  /// Queues a ping or pong frame with a payload of at most `max_control_payload` bytes.
  send_status send_control(opcode code, std::string_view payload);

  /// Stashes unprocessed and further bytes of `receive` until `resume`, except for the message or part whose event is running. A closing
  /// session must be resumed too, to process the peer's close frame. The caller bounds the bytes that it passes meanwhile.
  void pause() noexcept;
  void resume();
  [[nodiscard]] bool paused() const noexcept { return paused_; }

  /// Starts the closing handshake. Discards messages received afterwards. Does nothing unless the session is open.
  /// @param reason at most `max_close_reason` bytes
  void close(close_code code, std::string_view reason);

  /// Ends the session at once and reports `failure`, if any. Sends no close frame.
  void abort(const error* failure = nullptr);

  [[nodiscard]] ready_state state() const noexcept { return state_; }

private:
  struct connecting;

  // Bytes received while the session was paused.
  struct stashed_bytes {
    std::vector<std::byte> bytes; // bounded by the caller of receive
    std::size_t from = 0;         // offset of the first unconsumed byte
  };

  void on_message(message_view message) override;
  [[nodiscard]] wish wants_part() const noexcept override;
  void on_part(message_view part, last_part last) override;
  void on_control(opcode code, std::string_view payload) override;
  void on_close(close_code code, std::string_view reason) override;
  void on_fault(const message_fault& fault) override;

  void take_response(std::span<const std::byte> bytes);
  [[nodiscard]] std::size_t consume(std::span<std::byte> bytes);
  void consume_stash();
  void stash(std::span<const std::byte> bytes);
  void give_held_part();
  void agree(const deflate::deflate_agreement& agreed);
  [[nodiscard]] bool is_worth_deflating(std::size_t size, const message_options& options) const noexcept;
  send_status send_plain(message_view message, message_options options);
  send_status send_deflated(message_view message, message_options options);
  void remember(close_code code, std::string_view reason);
  void end(const error* failure);

  session_context* shared_;
  outbound_queue* out_;
  event_listener* events_;
  std::unique_ptr<connecting> connecting_;
  std::unique_ptr<deflate_extension> deflating_; // null unless compression is possible
  std::unique_ptr<stashed_bytes> stashed_;       // null if no bytes are stashed
  std::unique_ptr<const std::string> reason_;    // of the first close frame, if it had one
  message_reader reader_;
  close_code code_ = close_code::abnormal;
  ready_state state_ = ready_state::closing; // until it is open
  side self_ = side::server;
  bool paused_ = false;
  bool consuming_ = false;
  bool ended_ = false;
};

} // namespace harpia::websocket
