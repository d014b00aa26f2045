// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"
#include "net/timer_wheel.hpp"
#include "websocket/event_listener.hpp"
#include "websocket/outbound_queue.hpp"
#include "websocket/session.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace harpia::websocket {

/// One WebSocket connection on its event loop: a channel, its session, the queue of outgoing messages, and the timeouts.
///
/// The listener is never called inside `send`, `close`, `fail`, `terminate` or `flush`: events do not nest. `drained` comes only while
/// the stream is open.
///
/// Belongs to the loop's thread. Must not be destroyed inside one of its events. The destructor discards unwritten bytes, unless
/// `closed` came without an abort: then the loop writes them and closes the socket, see `linger`.
class stream final : private net::io_handler, private net::flushable, private net::timer, private event_listener {
public:
  /// @param loop outlives the stream, as `shared` does
  /// @param options are read in the constructor only
  stream(net::event_loop& loop, session_context& shared, net::channel transport, event_listener& events,
         const route_options& options, messages given = messages::whole);
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Answers the opening handshake and starts reading.
  void accept(const request& opening, const header_fields& fields);
  /// Sends an opening handshake, as a client, and starts reading. `on_response` reports when the stream is open. Without a response by
  /// `deadline` it fails with `errc::connect_timeout`. Until it is open, only `terminate` can end it.
  void connect(client_opening opening, net::event_loop::clock::time_point deadline);
  /// Processes bytes that were read with the opening handshake and modifies them in place.
  void receive(std::span<std::byte> bytes);

  send_status send(message_view message, message_options options = {});
  send_status send(const shared_frame& encoded, message_options options = {});
  send_status send_control(opcode code, std::string_view payload);
  void close(close_code code, std::string_view reason);
  /// Reports `failed` with `what` and closes with `code`. If the stream is closing already, its earlier code stands.
  /// @return whether `what` will be reported: not after the end, nor while another failure waits to be reported
  bool fail(const error& what, close_code code);
  /// Aborts the connection and discards unwritten bytes. `closed` carries `abnormal`, or the code of an earlier `close`.
  void terminate();
  /// Stops reading and delivering messages, including those already read, until `resume` or `close`.
  void pause();
  void resume();
  [[nodiscard]] bool paused() const noexcept { return session_.paused() && !resuming_; }
  void set_limits(const send_limits& limits) { out_.set_limits(limits); }
  /// Lets other threads request quota to send. Their granted messages are passed to `send` with `granted::yes`.
  [[nodiscard]] const std::shared_ptr<send_quota>& open_to_remote_senders() { return out_.open_to_remote_senders(); }
  /// Call it after another thread's request was refused: reports the drop and applies the policy.
  void on_remote_sender_refused();
  [[nodiscard]] const send_limits& limits() const noexcept { return out_.limits(); }

  /// Writes queued bytes now instead of at the end of the turn.
  void flush();

  [[nodiscard]] ready_state state() const noexcept {
    if (aborted_)
      return ready_state::closed;
    return held_close_ ? ready_state::closing : session_.state();
  }
  [[nodiscard]] std::size_t buffered() const noexcept { return out_.size(); }
  [[nodiscard]] const std::string& remote_address() const noexcept { return channel_.remote_address(); }

private:
  struct close_frame {
    close_code code;
    std::string reason;
  };

  void on_io(net::interest ready) override;
  [[nodiscard]] int readable_socket() const noexcept override;
  void on_read(const net::io_result& result, std::span<std::byte> target) override;
  void on_flush() override;
  bool add_to(net::io_batch& batch) override;
  void on_written(const net::io_result& result) override;
  void on_timer() override;
  void on_response(const http_response& answer) override;
  void on_event(const connection_event& what) override;

  void on_failed(const error& what);
  void on_closed(const event::closed& end);
  send_status queued(send_status status);
  [[nodiscard]] bool takes(granted already) const noexcept;
  void enforce_limit();
  void write_out();
  void settle();
  void notify_outcomes();
  void notify_failure();
  void update_watch();
  void abort(errc code, const std::string& detail = {});
  void release_close();
  void watch(net::interest wanted);
  void watch_failed(const std::error_code& why);
  void schedule_check();
  void unwatch() noexcept;
  void detach() noexcept;

  // Bytes that may be gathered in a turn before they are written without waiting for its end.
  static constexpr std::size_t flush_size = std::size_t{128} << 10;

  net::event_loop* loop_;
  event_listener* events_;
  net::channel channel_;
  outbound_queue out_;
  std::chrono::milliseconds idle_timeout_;
  std::chrono::milliseconds close_timeout_;
  net::event_loop::clock::time_point last_received_;
  net::event_loop::clock::time_point expires_; // the end of the maximum lifetime
  std::unique_ptr<const error> failure_;       // to be reported
  std::unique_ptr<close_frame> held_close_;    // held until granted messages have arrived
  net::interest watched_ = net::interest::none;
  bool accepted_ = false;
  bool connecting_ = false; // the server has not answered the opening handshake yet
  bool resuming_ = false;
  bool blocked_ = false;    // the kernel took only a part; wait until writable
  bool aborted_ = false;    // no more reads or writes
  bool terminated_ = false; // aborted by its owner while open: `closed` carries `abnormal`
  bool ended_ = false;
  session session_;
};

} // namespace harpia::websocket
