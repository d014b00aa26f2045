// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"
#include "net/timer_wheel.hpp"
#include "websocket/event_listener.hpp"
#include "websocket/session.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0::websocket {

/// One WebSocket connection on its event loop: a session and the channel that it drives.
///
/// The listener is never called inside `send`, `close`, `fail`, `terminate` or `flush`: events do not nest. `drained` comes only while
/// the stream is open.
///
/// Belongs to the loop's thread. Must not be destroyed inside one of its events. The destructor discards unwritten bytes; to have a stream
/// that has closed write them, `leave` it to its loop.
class stream final : private net::io_handler, private net::flushable, private net::timer {
public:
  /// @param loop outlives the stream, as `shared` does
  /// @param options are read in the constructor only
  stream(net::event_loop& loop, session_context& shared, net::channel transport, event_listener& events,
         const route_options& options, messages given = messages::whole);
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Gives a stream that has reported `closed` to its loop, which writes what it owes, waits for the end of the peer and destroys it.
  static void leave(std::unique_ptr<stream> closed);
  /// Sends a peer its last bytes, such as a page, and closes the socket as `leave` does.
  /// @param options of which the close timeout counts
  static void answer(net::event_loop& loop, session_context& shared, net::channel transport, std::string_view bytes,
                     const route_options& options);

  /// Answers the opening handshake and starts reading.
  void accept(const request& opening, const header_fields& fields);
  /// Sends an opening handshake, as a client, and starts reading. `on_response` reports when the stream is open. Without a response by
  /// `deadline` it fails with `errc::connect_timeout`. Until it is open, only `terminate` can end it.
  void connect(client_opening opening, net::event_loop::clock::time_point deadline);
  /// Processes bytes that were read with the opening handshake and modifies them in place.
  void receive(std::span<std::byte> bytes);

  send_status send(message_view message, const message_options& options);
  send_status send(const shared_frame& encoded, const message_options& options);
  /// As the others, without options: the short way of nearly all messages.
  send_status send(message_view message) {
    return message.size() < write_chain::buffer_size ? send_shortly(message) : send_large(message);
  }
  send_status send(const shared_frame& encoded) { return send_shortly(encoded); }
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
  [[nodiscard]] bool paused() const noexcept { return session_.paused(); }
  void set_limits(const send_limits& limits) { session_.out().set_limits(limits); }
  /// Lets other threads request quota to send. Their granted messages are passed to `send` with `granted::yes`.
  [[nodiscard]] const std::shared_ptr<send_quota>& open_to_remote_senders() { return session_.out().open_to_remote_senders(); }
  /// Call it after another thread's request was refused: reports the drop and applies the policy.
  void on_remote_sender_refused();
  [[nodiscard]] const send_limits& limits() const noexcept { return session_.out().limits(); }

  /// Writes queued bytes now instead of at the end of the turn.
  void flush();

  [[nodiscard]] ready_state state() const noexcept { return session_.state(); }
  [[nodiscard]] bool takes_messages() const noexcept { return session_.takes_messages(); }
  [[nodiscard]] std::size_t buffered() const noexcept { return session_.out().size(); }
  /// Whether `drained` will come.
  [[nodiscard]] bool owes_drain() const noexcept { return session_.out().owes_drain(); }
  [[nodiscard]] const std::string& remote_address() const noexcept { return channel_.remote_address(); }

  /// Whether the peer of a closing stream has taken nothing for `time`, as far as is known: not at the first look.
  [[nodiscard]] bool is_stuck(std::chrono::milliseconds time) noexcept {
    return session_.is_stuck(time, loop_->current_time(), channel_.socket_state());
  }

private:
  class left_stream;

  stream(net::event_loop& loop, session_context& shared, net::channel transport, std::string_view last,
         const route_options& options);

  void on_io(net::interest ready) override;
  [[nodiscard]] int readable_socket() const noexcept override;
  void on_read(const net::io_result& result, std::span<std::byte> target) override;
  void on_flush() override;
  bool add_to(net::io_batch& batch) override;
  still_to_do on_written(const net::io_result& result) override;
  void on_timer() override;

  template <class Message>
  send_status send_shortly(const Message& message) {
    if (!session_.send_usual(message))
      return send(message, message_options{});
    loop_->flush_later(*this);
    return send_status::sent;
  }
  send_status send_large(message_view message);
  void write_directly(std::span<const iovec> message);
  template <class Function>
  void contain(Function work) noexcept;
  [[nodiscard]] bool is_reading() const noexcept;
  send_status queued(send_status status);
  void write_out();
  void read_rest();
  [[nodiscard]] std::span<std::byte> read_target() noexcept;
  [[nodiscard]] bool is_quiet() const noexcept {
    return session_.is_quiet() && watched_ == net::interest::readable && scheduled_at_ == session::phase::open;
  }
  [[nodiscard]] bool proceed();
  [[nodiscard]] bool wind_up(session::phase before);
  void watch(net::interest wanted) {
    if (wanted != watched_)
      change_watch(wanted);
  }
  void change_watch(net::interest wanted);
  void schedule();

  // Bytes that may be gathered in a turn before they are written without waiting for its end.
  static constexpr std::size_t flush_size = std::size_t{128} << 10;
  // Reads after a failed write: far more than a kernel holds.
  static constexpr int last_reads = 256;

  net::event_loop* loop_;
  net::channel channel_;
  session session_;
  const int socket_; // that of the channel
  net::interest watched_ = net::interest::none;
  bool reads_much_ = false;                               // it is read alone, into all of the loop's buffer
  session::phase scheduled_at_ = session::phase::opening; // the phase that the timer is scheduled for
  left_stream* owner_ = nullptr;                          // null until the loop owns it
};

} // namespace harpia::inline v0::websocket
