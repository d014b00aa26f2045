// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/stream.hpp"
#include "websocket/linger.hpp"
#include "websocket/session_context.hpp"

#include <algorithm>
#include <array>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace harpia::websocket {

namespace {

error make_error(errc code, const std::string& detail = {}) {
  auto what = make_error_code(code).message();
  if (!detail.empty())
    what.append(": ").append(detail);
  return {code, std::move(what)};
}

} // namespace

stream::stream(net::event_loop& loop, session_context& shared, net::channel transport, event_listener& events,
               const route_options& options, messages given)
    : loop_{&loop}, events_{&events}, channel_{std::move(transport)}, out_{shared.buffers(), options.sending()},
      idle_timeout_{options.idle_timeout}, close_timeout_{options.close_timeout}, last_received_{loop.now()},
      expires_{options.max_lifetime.count() > 0 ? loop.now() + options.max_lifetime : net::event_loop::clock::time_point::max()},
      session_{shared, out_, *this, options, given} {}

stream::~stream() {
  detach();
  if (ended_ && !aborted_)
    linger(*loop_, std::move(channel_), std::move(out_), close_timeout_); // also takes over the watch
  else
    unwatch();
}

void stream::accept(const request& opening, const header_fields& fields) {
  session_.accept(opening, fields);
  accepted_ = true;
  loop_->flush_later(*this);
  update_watch();
  if (watched_ == net::interest::none)
    channel_.unwatch(*loop_, *this); // remove the watch of the channel's previous owner
  schedule_check();
}

void stream::connect(client_opening opening, net::event_loop::clock::time_point deadline) {
  connecting_ = true;
  session_.connect(std::move(opening));
  accepted_ = true;
  loop_->flush_later(*this);
  update_watch();
  loop_->timers().schedule(*this, deadline);
}

void stream::receive(std::span<std::byte> bytes) {
  last_received_ = loop_->now();
  session_.receive(bytes);
  if (!out_.empty())
    loop_->flush_later(*this);
}

send_status stream::send(message_view message, message_options options) {
  if (!takes(options.granted))
    return send_status::closed;
  // A message that fills a buffer gains nothing from waiting for the end of the turn, and its bytes would leave the processor's cache.
  if (message.size() >= write_chain::buffer_size)
    loop_->flush_soon();
  return queued(session_.send(message, std::move(options)));
}

send_status stream::send(const shared_frame& encoded, message_options options) {
  return takes(options.granted) ? queued(session_.send(encoded, std::move(options))) : send_status::closed;
}

send_status stream::send_control(opcode code, std::string_view payload) {
  return takes(granted::no) ? queued(session_.send_control(code, payload)) : send_status::closed;
}

// While a close frame is held back, accepts only the granted messages that it waits for.
bool stream::takes(granted already) const noexcept {
  return !aborted_ && (!held_close_ || already == granted::yes);
}

// A turn's writes are gathered, but with a bound: larger amounts are offered to the kernel at once, so that `buffered` reflects the
// peer's speed and not the turn.
send_status stream::queued(send_status status) {
  if (status != send_status::closed || held_close_) // the close frame may have waited for this message
    loop_->flush_later(*this);
  if (status == send_status::closed)
    return status;
  if (status == send_status::dropped) {
    enforce_limit();
    return status;
  }
  if (out_.size() > std::min(out_.limits().high_watermark, flush_size))
    write_out();
  out_.publish_size();
  return aborted_ ? send_status::closed : out_.report();
}

void stream::enforce_limit() {
  const auto& limits = out_.limits();
  if (limits.on_limit != on_limit::close || state() != ready_state::open)
    return;
  out_.drop_backlog(); // the peer does not read it and should get the close frame
  fail(make_error(errc::buffer_limit,
                  out_.is_budget_spent() ? "all connections together hold what they may"
                                         : "more than " + std::to_string(limits.max_buffered) + " bytes wait"),
       close_code::try_again_later);
}

void stream::on_remote_sender_refused() {
  enforce_limit();
  loop_->flush_later(*this);
}

void stream::close(close_code code, std::string_view reason) {
  if (held_close_ && code == close_code::internal_error) { // the messages that it waits for may never arrive
    const auto frame = std::exchange(held_close_, nullptr);
    session_.close(frame->code, frame->reason);
    loop_->flush_later(*this);
  }
  if (state() != ready_state::open)
    return;
  out_.close_to_remote_senders();
  loop_->timers().schedule(*this, loop_->now() + close_timeout_);
  // Messages for which other threads got `sent` may still be in flight and belong before the close frame. After a failure, do not wait:
  // the sender that delivers them may be gone.
  const bool failed = failure_ || code == close_code::internal_error;
  if (!failed && out_.awaits_remote_senders())
    held_close_ = std::make_unique<close_frame>(close_frame{code, std::string{reason}});
  else
    session_.close(code, reason);
  resuming_ = session_.paused(); // to read the peer's close frame, but not inside the caller
  loop_->flush_later(*this);
}

void stream::release_close() {
  if (!held_close_ || out_.awaits_remote_senders())
    return;
  const auto frame = std::exchange(held_close_, nullptr);
  session_.close(frame->code, frame->reason);
}

bool stream::fail(const error& what, close_code code) {
  if (ended_)
    return false;
  const bool is_first = !failure_;
  if (is_first)
    failure_ = std::make_unique<const error>(what);
  close(code, {});
  loop_->flush_later(*this); // the flush reports it, even if the stream was closing already
  return is_first;
}

void stream::terminate() {
  if (ended_)
    return;
  if (state() == ready_state::open)
    terminated_ = true;
  aborted_ = true;
  out_.close_to_remote_senders();
  out_.clear();
  loop_->flush_later(*this);
}

void stream::flush() {
  write_out();
  loop_->flush_later(*this);
}

void stream::pause() {
  if (state() != ready_state::open)
    return;
  resuming_ = false; // cancel a pending resume
  session_.pause();
  // The socket may have been read in a batch already; the session stashes those bytes.
  loop_->flush_later(*this);
}

void stream::resume() {
  if (!session_.paused())
    return;
  last_received_ = loop_->now(); // the idle time while paused does not count
  // Stashed messages are delivered later, in events of their own, not inside the caller.
  resuming_ = true;
  loop_->flush_later(*this);
}

void stream::on_io(net::interest ready) {
  if (ended_)
    return unwatch(); // the owner has not destroyed it yet
  if (net::wants(ready, net::interest::writable)) {
    blocked_ = false;
    on_flush();
  }
  if (aborted_ || ended_ || !net::wants(ready, net::interest::readable))
    return;
  const auto own = session_.target();
  const auto target = own.empty() ? loop_->read_buffer() : own;
  on_read(channel_.read(target), target);
}

int stream::readable_socket() const noexcept {
  return aborted_ || ended_ || session_.reads_directly() ? -1 : channel_.socket();
}

void stream::on_read(const net::io_result& result, std::span<std::byte> target) {
  if (aborted_ || ended_)
    return;
  switch (result.what) {
    case net::io_result::outcome::done: receive(target.first(result.size)); break;
    case net::io_result::outcome::would_block: break;
    case net::io_result::outcome::end:
      if (!session_.paused()) // otherwise the level-triggered event comes again
        session_.receive_end({});
      break;
    case net::io_result::outcome::failed:
      aborted_ = true;
      session_.receive_end(*result.error);
      break;
  }
}

void stream::on_flush() {
  write_out();
  settle();
}

void stream::write_out() {
  while (!out_.empty() && !blocked_ && !aborted_) {
    std::array<iovec, net::max_gather> pieces;
    on_written(channel_.write(out_.gather(pieces)));
  }
  out_.account();
  out_.publish_size();
}

bool stream::add_to(net::io_batch& batch) {
  const auto socket = channel_.socket();
  if (socket < 0 || out_.empty() || blocked_ || aborted_)
    return false;
  batch.write(socket, out_.gather(batch.pieces()).size());
  return true;
}

void stream::on_written(const net::io_result& result) {
  switch (result.what) {
    case net::io_result::outcome::done: out_.consume(result.size); break;
    case net::io_result::outcome::failed:
      if (state() == ready_state::open || connecting_)
        failure_ = std::make_unique<const error>(make_error(errc::write_failed, result.error->message()));
      aborted_ = true;
      out_.clear();
      break;
    default: blocked_ = true; break;
  }
}

// Reports pending events, now that no handler is running, and updates the watch.
void stream::settle() {
  if (ended_)
    return;
  if (aborted_) {
    session_.abort();
    return;
  }
  if (failure_)
    notify_failure();
  notify_outcomes();
  if (state() == ready_state::open && out_.take_drain())
    events_->on_event(event::drained{});
  if (std::exchange(resuming_, false))
    session_.resume();
  if (aborted_ || ended_)
    return; // the next flush continues
  // After `notify_outcomes`: a thread whose request was refused at the last moment schedules a flush, unless one is still to report it.
  release_close();
  if (!out_.empty() && !blocked_)
    loop_->flush_later(*this); // for messages that the handlers above have sent
  update_watch();
}

void stream::notify_failure() {
  const auto failure = std::exchange(failure_, nullptr);
  events_->on_event(event::failed{*failure});
}

void stream::notify_outcomes() {
  for (const auto& [notify, outcome] : out_.take_outcomes())
    events_->on_outcome(notify, outcome);
  if (const auto dropped = out_.take_dropped(); dropped.messages > 0)
    events_->on_event(event::dropped{dropped.messages, dropped.bytes});
}

void stream::update_watch() {
  if (watched_ == net::interest::none && !accepted_)
    return;
  // Stop reading at the limit: a peer that does not read must not cause further replies, to pings for example.
  const bool reads = !session_.paused() && out_.size() <= out_.limits().max_buffered;
  watch((reads ? net::interest::readable : net::interest::none) | (blocked_ ? net::interest::writable : net::interest::none));
}

void stream::abort(errc code, const std::string& detail) {
  failure_ = std::make_unique<const error>(make_error(code, detail));
  aborted_ = true;
  out_.clear();
  session_.abort();
}

// One timer serves four deadlines: the response to a client's opening handshake, the idle timeout and the maximum lifetime while the
// stream is open, and the close timeout while it is closing.
void stream::on_timer() {
  if (connecting_)
    return abort(errc::connect_timeout, "the opening handshake was not answered");
  if (state() == ready_state::closing)
    return abort(errc::close_timeout);
  if (loop_->now() >= expires_)
    return close(close_code::going_away, "the connection has been open for long enough");
  if (session_.paused())
    last_received_ = loop_->now(); // nothing was read meanwhile
  if (const auto silence = loop_->now() - last_received_; idle_timeout_.count() > 0 && silence >= idle_timeout_ / 2) {
    if (silence >= idle_timeout_)
      return abort(errc::idle_timeout);
    send_control(opcode::ping, {});
  }
  schedule_check();
}

void stream::schedule_check() {
  auto due = expires_;
  if (idle_timeout_.count() > 0) {
    const auto half = last_received_ + idle_timeout_ / 2;
    due = std::min(due, half > loop_->now() ? half : last_received_ + idle_timeout_);
  }
  if (due != net::event_loop::clock::time_point::max())
    loop_->timers().schedule(*this, due);
}

void stream::watch(net::interest wanted) {
  if (wanted == watched_)
    return;
  // Without any interest the channel is not watched at all: otherwise a hang-up would be reported again and again.
  try {
    if (wanted == net::interest::none)
      channel_.unwatch(*loop_, *this);
    else
      channel_.watch(*loop_, *this, wanted);
    watched_ = wanted;
  } catch (const std::system_error& refused) {
    watch_failed(refused.code());
  }
}

// The kernel is out of memory or of watches for this user: the socket would get no events.
void stream::watch_failed(const std::error_code& why) {
  channel_.unwatch(*loop_, *this);
  watched_ = net::interest::none;
  if (!failure_)
    failure_ = std::make_unique<const error>(make_error(errc::read_failed, why.message()));
  aborted_ = true;
  out_.clear();
  loop_->flush_later(*this);
}

void stream::on_response(const http_response& answer) {
  connecting_ = false;
  loop_->timers().cancel(*this); // the deadline
  schedule_check();
  if (!aborted_)
    events_->on_response(answer);
}

void stream::on_event(const connection_event& what) {
  if (std::holds_alternative<event::message>(what) || std::holds_alternative<event::message_part>(what)) {
    if (!aborted_ && !held_close_) // messages after a close are discarded
      events_->on_event(what);
  } else if (const auto* failure = std::get_if<event::failed>(&what)) {
    on_failed(failure->what);
  } else if (const auto* end = std::get_if<event::closed>(&what)) {
    on_closed(*end);
  } else if (!aborted_) {
    events_->on_event(what);
  }
}

void stream::on_failed(const error& what) {
  if (!failure_ && !terminated_)
    failure_ = std::make_unique<const error>(what);
}

void stream::on_closed(const event::closed& end) {
  ended_ = true;
  out_.close_to_remote_senders();
  detach();
  if (failure_)
    notify_failure();
  out_.abandon();
  notify_outcomes();
  if (terminated_) // whatever the session still had to read
    events_->on_event(event::closed{close_code::abnormal, {}});
  else if (held_close_ && end.code == close_code::abnormal)
    events_->on_event(event::closed{held_close_->code, held_close_->reason});
  else
    events_->on_event(end);
}

void stream::unwatch() noexcept {
  if (std::exchange(watched_, net::interest::none) != net::interest::none)
    channel_.unwatch(*loop_, *this);
}

void stream::detach() noexcept {
  loop_->forget(*this);
  loop_->timers().cancel(*this);
}

} // namespace harpia::websocket
