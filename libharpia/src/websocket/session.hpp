// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "websocket/client_handshake.hpp"
#include "websocket/event_listener.hpp"
#include "websocket/message_reader.hpp"
#include "websocket/message_writer.hpp"
#include "websocket/outbound_queue.hpp"
#include "websocket/timeouts.hpp"
#include "websocket/upgrade.hpp"
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

struct iovec;

namespace harpia::inline v0::websocket {

class deflate_extension;
class session_context;

/// The life of one side of a WebSocket connection (RFC 6455, 7692), from its opening handshake to the last byte that it owes after its end:
/// a state machine without a socket, a thread or a clock.
///
/// Inputs are what the peer sent (`receive`, `receive_end`), what the operating system did (`consume`, `block`, `fail_write`), the time
/// (`expire`), and the verbs of the program. What it wants next are values: `wants_to_read`, `wants_to_write`, `gather`, `due`, `at`.
///
/// Events do not nest. The verbs never call the listener: what they cause is told by `settle`, which whoever drives the session calls after
/// its verbs, once no handler of the connection is running. `receive`, `receive_end` and `expire` call the listener themselves. A listener
/// may call any verb, but must not destroy the session.
///
/// It is a server after `accept` and a client after `connect`. Not thread-safe.
class session final : private reader_events {
public:
  using time_point = timeouts::time_point;

  /// @param shared outlives the session
  session(session_context& shared, event_listener& events, const route_options& options, time_point now,
          messages given = messages::whole);
  /// A session that has ended already and owes the peer `last` bytes, such as a page. It has no events.
  /// @param options of which the close timeout counts
  session(session_context& shared, std::string_view last, const route_options& options, time_point now);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  enum class phase : std::uint8_t {
    opening,    ///< before `accept`, or the server has not answered the opening handshake yet
    open,       ///< messages go both ways
    close_held, ///< closed by the program; the close frame waits for messages that other threads were granted
    close_sent, ///< this side's close frame is in the queue or has left; the peer's is still to come
    unwritable, ///< writing has failed; what the peer sent before it went, such as a close frame, is still read
    cut,        ///< nothing is read or written any more; the end is still to be told
    flushing,   ///< the end was told; bytes are still owed to the peer
    lingering,  ///< nothing is owed and the outgoing direction is shut; the end of the peer's is still to come
    ended,      ///< nothing is left to do
  };
  [[nodiscard]] phase at() const noexcept { return phase_; }
  [[nodiscard]] ready_state state() const noexcept;
  /// Whether the peer's messages are still to be handled: also after a write has failed.
  [[nodiscard]] bool takes_messages() const noexcept { return phase_ == phase::open || phase_ == phase::unwritable; }

  // The beginning

  /// Answers an opening handshake that passed `check_upgrade`: queues the 101 with `fields` added.
  void accept(const request& opening, const header_fields& fields, time_point now);
  /// Queues an opening handshake; `on_response` reports when the session is open. It offers compression if the options enable it.
  void connect(client_opening opening, time_point deadline);

  // What happened

  /// Processes bytes from the peer and modifies them in place.
  void receive(std::span<std::byte> bytes, time_point now);
  /// The peer's bytes have ended. `reason` is empty for an orderly end of the stream.
  void receive_end(std::error_code reason, time_point now);
  /// The operating system took the oldest `count` bytes that `gather` returned.
  void consume(std::size_t count, time_point now) noexcept {
    out_.consume(count);
    timeouts_.taken(count, now);
  }
  /// It takes no more bytes until `unblock`.
  void block() noexcept { blocked_ = true; }
  void unblock() noexcept { blocked_ = false; }
  /// All bytes were offered to it. Updates what other threads and the app's budget know of the queue.
  void offered() noexcept {
    out_.account();
    out_.publish_size();
  }
  /// It takes no bytes any more. The session ends with what the peer sent before: a close frame, the end of its bytes or a failure to
  /// read, which tells more than the failure to write.
  void fail_write(const std::error_code& reason);
  /// It cannot watch the connection any more.
  void fail_watch(const std::error_code& reason);
  /// The library itself has failed, for want of memory.
  void fail_inside(std::string_view what) noexcept;
  /// The time that `due` returned has come.
  void expire(time_point now, const net::socket_state& socket);
  /// No handler of the connection is running: tells what the verbs have caused.
  void settle(time_point now) {
    now_ = now;
    if (phase_ != phase::open || failure_ || reading_ == reading::resuming || out_.may_have_news())
      tell(); // otherwise they have caused nothing, as is nearly always so
  }

  /// Whether the session is open, has written all and has nothing to tell: then neither `offered` nor `settle` would do anything, and it
  /// wants to read.
  [[nodiscard]] bool is_quiet() const noexcept {
    return phase_ == phase::open && reading_ == reading::on && !blocked_ && !failure_ && out_.is_quiet();
  }

  // What it wants

  [[nodiscard]] bool wants_to_read() const noexcept {
    // At the limit, a peer that does not read must not cause further answers, to pings for example.
    return phase_ < phase::cut ? reading_ == reading::on && out_.size() <= out_.limits().max_buffered : waits_for_end();
  }
  /// Bytes wait that the operating system may take now.
  [[nodiscard]] bool wants_to_write() const noexcept { return !blocked_ && is_writable() && !out_.empty(); }
  [[nodiscard]] bool is_blocked() const noexcept { return blocked_; }
  /// Where the next bytes should be read into before they are passed to `receive`: memory of a large message. Empty: anywhere.
  [[nodiscard]] std::span<std::byte> target() { return reads_directly() ? reader_.target() : std::span<std::byte>{}; }
  [[nodiscard]] bool reads_directly() const noexcept { return reading_ == reading::on && !stashed_ && reader_.has_target(); }
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) { return out_.gather(out); }
  /// Whether what `gather` returns are the last bytes, few enough to leave together with the end of the stream.
  [[nodiscard]] bool writes_last() const noexcept { return phase_ == phase::flushing && out_.size() <= last_words; }
  /// Whether a peer that the session waits for has taken nothing for `time`, as far as is known: not at the first look.
  [[nodiscard]] bool is_stuck(std::chrono::milliseconds time, time_point now, const net::socket_state& socket) noexcept {
    return phase_ != phase::open && timeouts_.is_stuck(time, now, socket);
  }
  /// When `expire` is due; `time_point::max()`: never.
  [[nodiscard]] time_point due() const noexcept;

  // The verbs

  /// Queues a message. @return `closed` unless the session is open; otherwise the result of `outbound_queue::push`
  send_status send(message_view message, const message_options& options = {});
  send_status send(const shared_frame& encoded, const message_options& options = {});
  /// Does what `send` without options and `report` do for a message that nothing stands in the way of.
  /// @return whether it was queued, and is `sent`; false: nothing was done
  [[nodiscard]] bool send_usual(message_view message) { return phase_ == phase::open && !deflating_ && out_.push_usual(message); }
  [[nodiscard]] bool send_usual(const shared_frame& encoded) {
    return phase_ == phase::open && !deflating_ && out_.push_usual(encoded);
  }
  /// Whether the driver may write a message without options from where it lies, since nothing waits before it.
  [[nodiscard]] bool may_write_directly() const noexcept {
    return phase_ == phase::open && !deflating_ && !blocked_ && out_.may_be_passed();
  }
  /// The operating system took `count` bytes of such a message.
  void written_directly(std::size_t count, time_point now) noexcept { timeouts_.taken(count, now); }
  /// Queues what it did not take of it.
  void queue_rest(std::string_view bytes) { out_.push_rest(bytes); }
  /// Queues a ping or pong frame with a payload of at most `max_control_payload` bytes.
  send_status send_control(opcode code, std::string_view payload);
  /// The status of a message that was accepted. After `buffered` a drain is owed.
  send_status report() noexcept { return is_writable() ? out_.report() : send_status::closed; }
  /// Applies the policy at the limit after a message was dropped.
  void enforce_limit(time_point now);
  /// Starts the closing handshake. Discards messages received afterwards. Does nothing unless the session is open.
  /// @param reason at most `max_close_reason` bytes
  void close(close_code code, std::string_view reason, time_point now);
  /// Reports `failed` with `what` and closes with `code`. If it is closing already, its earlier code stands.
  /// @return whether `what` will be reported: not after the end, nor while another failure waits to be reported
  bool fail(const error& what, close_code code, time_point now);
  /// Ends the session at once and discards unwritten bytes. Sends no close frame.
  void terminate();
  /// Stashes unprocessed and further bytes of `receive` until `resume`, except for the message or part whose event is running. A closing
  /// session resumes by itself, to process the peer's close frame. The caller bounds the bytes that it passes meanwhile.
  void pause() noexcept;
  /// Stashed messages are delivered by `settle`.
  void resume() noexcept;
  [[nodiscard]] bool paused() const noexcept { return reading_ == reading::paused; }

  [[nodiscard]] outbound_queue& out() noexcept { return out_; }
  [[nodiscard]] const outbound_queue& out() const noexcept { return out_; }

private:
  struct connecting;
  enum class reading : std::uint8_t { on, paused, resuming };

  // Bytes received while the session was paused.
  struct stashed_bytes {
    std::vector<std::byte> bytes; // bounded by the caller of receive
    std::size_t from = 0;         // offset of the first unconsumed byte
  };

  static constexpr std::size_t last_words = 1024; // bytes that fit into a segment with the end of the stream

  void on_message(message_view message) override;
  [[nodiscard]] wish wants_part() const noexcept override;
  void on_part(message_view part, last_part last) override;
  void on_control(opcode code, std::string_view payload) override;
  void on_close(close_code code, std::string_view reason) override;
  void on_fault(const message_fault& fault) override;

  [[nodiscard]] bool waits_for_end() const noexcept {
    return !peer_ended_ && (phase_ == phase::flushing || phase_ == phase::lingering);
  }
  void tell();
  [[nodiscard]] bool is_writable() const noexcept { return phase_ != phase::unwritable && phase_ != phase::cut; }
  [[nodiscard]] bool is_over() const noexcept { return phase_ >= phase::cut; }
  [[nodiscard]] bool takes(granted already) const noexcept;
  [[nodiscard]] message_writer writer() noexcept { return {*shared_, out_, deflating_.get()}; }
  [[nodiscard]] timeouts::stage stage() const noexcept;
  void agree(const deflate::deflate_agreement& agreed);
  void take_response(std::span<const std::byte> bytes, time_point now);
  void conclude_opening(response_reader::state state, time_point now);
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes);
  void read_stash();
  void stash(std::span<const std::byte> bytes);
  void give_held_part();
  void send_close();
  void remember(close_code code, std::string_view reason);
  bool fail_with(error what);
  void cut() noexcept;
  void end(phase next);
  void flush_rest() noexcept;
  void discard_rest() noexcept;
  void notify_failure();
  void notify_outcomes();

  session_context* shared_;
  event_listener* events_; // null if it owes last bytes only
  outbound_queue out_;
  message_reader reader_;
  timeouts timeouts_;
  time_point now_; // of the last input
  std::unique_ptr<connecting> connecting_;
  std::unique_ptr<deflate_extension> deflating_; // null unless compression is possible
  std::unique_ptr<stashed_bytes> stashed_;       // null if no bytes are stashed
  std::unique_ptr<const std::string> reason_;    // of the first close frame, if it had one
  std::unique_ptr<const error> failure_;         // to be reported
  close_code code_ = close_code::abnormal;       // of the first close frame
  phase phase_ = phase::opening;
  reading reading_ = reading::on;
  side self_ = side::server;
  bool in_reader_ = false;  // inside an event of the reader
  bool blocked_ = false;    // the operating system took only a part of what it was offered
  bool peer_ended_ = false; // while bytes are still owed
};

} // namespace harpia::inline v0::websocket
