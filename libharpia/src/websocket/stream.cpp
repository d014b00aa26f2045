// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/stream.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace harpia::inline v0::websocket {

using phase = session::phase;

// A stream that was left to its loop.
class stream::left_stream final : public net::background_task {
public:
  explicit left_stream(std::unique_ptr<stream> left) noexcept : left_{std::move(left)} { left_->owner_ = this; }

  [[nodiscard]] bool delays_stop() const noexcept override { return left_->session_.at() == phase::flushing; }
  void begin() { left_->on_flush(); }

private:
  std::unique_ptr<stream> left_;
};

stream::stream(net::event_loop& loop, session_context& shared, net::channel transport, event_listener& events,
               const route_options& options, messages given)
    : loop_{&loop}, channel_{std::move(transport)}, session_{shared, events, options, loop.now(), given},
      socket_{channel_.socket()} {}

stream::stream(net::event_loop& loop, session_context& shared, net::channel transport, std::string_view last,
               const route_options& options)
    : loop_{&loop}, channel_{std::move(transport)}, session_{shared, last, options, loop.current_time()},
      socket_{channel_.socket()} {}

stream::~stream() {
  loop_->forget(*this);
  channel_.unwatch(*loop_, *this);
}

void stream::leave(std::unique_ptr<stream> closed) {
  if (closed->session_.at() < phase::flushing || closed->session_.at() == phase::ended)
    return;
  auto& loop = *closed->loop_;
  std::unique_ptr<left_stream> left{new (std::nothrow) left_stream{std::move(closed)}};
  if (left)                            // else the rest is lost
    loop.own(std::move(left)).begin(); // at once: the loop may be about to end
}

void stream::answer(net::event_loop& loop, session_context& shared, net::channel transport, std::string_view bytes,
                    const route_options& options) {
  leave(std::unique_ptr<stream>{new stream{loop, shared, std::move(transport), bytes, options}});
}

// Runs `work`. What the library throws, for want of memory, ends this connection only.
template <class Function>
void stream::contain(Function work) noexcept {
  try {
    work();
  } catch (const std::exception& failure) {
    session_.fail_inside(failure.what());
    loop_->flush_later(*this);
  }
}

void stream::accept(const request& opening, const header_fields& fields) {
  watch(net::interest::readable);
  contain([&] { session_.accept(opening, fields, loop_->now()); });
  loop_->flush_later(*this);
  schedule();
}

void stream::connect(client_opening opening, net::event_loop::clock::time_point deadline) {
  watch(net::interest::readable);
  contain([&] { session_.connect(std::move(opening), deadline); });
  loop_->flush_later(*this);
  schedule();
}

void stream::receive(std::span<std::byte> bytes) {
  const auto before = session_.at();
  contain([&] { session_.receive(bytes, loop_->now()); });
  if (!session_.out().empty() || session_.at() != before)
    loop_->flush_later(*this);
}

send_status stream::send(message_view message, const message_options& options) {
  // A message that fills a buffer gains nothing from waiting for the end of the turn, and its bytes would leave the processor's cache.
  if (message.size() >= write_chain::buffer_size)
    loop_->flush_soon();
  return queued(session_.send(message, options));
}

// A large message that nothing waits before is written from where it lies.
send_status stream::send_large(message_view message) {
  if (!session_.may_write_directly())
    return send(message, message_options{});
  std::array<std::byte, frame_writer::max_head_size> head;
  const auto head_size = frame_writer::write_unmasked_head(head, opcode_of(message.kind()), message.size());
  const std::array<iovec, 2> pieces{
      {{head.data(), head_size}, {const_cast<char*>(message.text().data()), message.size()}}}; // writes do not modify it
  contain([&] { write_directly(pieces); });
  return queued(send_status::sent);
}

// Queues what the kernel does not take. Without memory for that, the peer has a part of a message, and the connection ends.
void stream::write_directly(std::span<const iovec> message) {
  std::array<iovec, 2> left{message[0], message[1]};
  std::span<iovec> pieces{left};
  while (!pieces.empty()) {
    const auto result = channel_.write(pieces);
    if (result.what == net::io_result::outcome::failed)
      return session_.fail_write(*result.error);
    if (result.what != net::io_result::outcome::done) {
      session_.block();
      break;
    }
    session_.written_directly(result.size, loop_->now());
    auto taken = result.size;
    for (; !pieces.empty() && taken >= pieces.front().iov_len; pieces = pieces.subspan(1))
      taken -= pieces.front().iov_len;
    if (!pieces.empty())
      pieces.front() = {static_cast<char*>(pieces.front().iov_base) + taken, pieces.front().iov_len - taken};
  }
  for (const auto& piece : pieces)
    session_.queue_rest({static_cast<const char*>(piece.iov_base), piece.iov_len});
  session_.offered();
}

send_status stream::send(const shared_frame& encoded, const message_options& options) {
  return queued(session_.send(encoded, options));
}

send_status stream::send_control(opcode code, std::string_view payload) {
  return queued(session_.send_control(code, payload));
}

// A turn's writes are gathered, but with a bound: larger amounts are offered to the kernel at once, so that `buffered` reflects the
// peer's speed and not the turn.
send_status stream::queued(send_status status) {
  if (status == send_status::closed)
    return status;
  loop_->flush_later(*this);
  if (status == send_status::dropped) {
    session_.enforce_limit(loop_->current_time());
    return status;
  }
  if (session_.out().size() > std::min(limits().high_watermark, flush_size))
    write_out();
  session_.out().publish_size();
  return session_.report();
}

void stream::on_remote_sender_refused() {
  session_.enforce_limit(loop_->current_time());
  loop_->flush_later(*this);
}

void stream::close(close_code code, std::string_view reason) {
  session_.close(code, reason, loop_->current_time());
  loop_->flush_later(*this);
}

bool stream::fail(const error& what, close_code code) {
  loop_->flush_later(*this);
  return session_.fail(what, code, loop_->current_time());
}

void stream::terminate() {
  session_.terminate();
  loop_->flush_later(*this);
}

void stream::flush() {
  write_out();
  loop_->flush_later(*this);
}

void stream::pause() {
  session_.pause(); // the socket may have been read in a batch already; the session stashes those bytes
  loop_->flush_later(*this);
}

void stream::resume() {
  session_.resume();
  loop_->flush_later(*this);
}

void stream::on_io(net::interest ready) {
  if (net::wants(ready, net::interest::writable)) {
    session_.unblock();
    if (!proceed())
      return;
  }
  if (!is_reading())
    return watch(net::interest::none); // the owner has not destroyed it yet
  if (!net::wants(ready, net::interest::readable))
    return;
  const auto target = read_target();
  on_read(channel_.read(target), target);
}

std::span<std::byte> stream::read_target() noexcept {
  auto target = loop_->read_buffer();
  contain([&] {
    if (const auto own = session_.target(); !own.empty())
      target = own;
  });
  return target;
}

int stream::readable_socket() const noexcept {
  return is_reading() && !session_.reads_directly() && !reads_much_ ? socket_ : -1;
}

// A read that was begun before a pause is none of its business: the session stashes what it brings.
bool stream::is_reading() const noexcept {
  return session_.at() != phase::cut && session_.at() != phase::ended;
}

void stream::on_read(const net::io_result& result, std::span<std::byte> target) {
  using enum net::io_result::outcome;
  if (result.what == done) [[likely]] {
    receive(target.first(result.size));
    // Whoever sends large messages is read alone next, as long as it fills a part.
    reads_much_ = result.size >= net::event_loop::read_part_size && (reads_much_ || session_.reads_directly());
    return;
  }
  if (result.what == would_block || !is_reading())
    return;
  if (result.what == end && session_.paused()) // the level-triggered event comes again
    return;
  contain([&] { session_.receive_end(result.what == failed ? *result.error : std::error_code{}, loop_->now()); });
  loop_->flush_later(*this);
}

void stream::on_flush() {
  if (!is_quiet())
    (void)proceed();
}

void stream::write_out() {
  while (session_.wants_to_write()) {
    std::array<iovec, net::max_gather> pieces;
    const bool last = session_.writes_last();
    const auto part = session_.gather(pieces);
    (void)on_written(last ? channel_.write_last(part) : channel_.write(part));
  }
  session_.offered();
}

// After a failed write: what the peer sent before it went is there, or never comes.
void stream::read_rest() {
  for (int left = last_reads; session_.at() == phase::unwritable; --left) {
    const auto target = read_target();
    const auto result = left > 0 ? channel_.read(target) : net::io_result{net::io_result::outcome::would_block};
    if (result.what == net::io_result::outcome::done)
      contain([&] { session_.receive(target.first(result.size), loop_->now()); });
    else if (result.what != net::io_result::outcome::would_block || left <= 0 || channel_.socket_state().unread == 0)
      contain([&] { session_.receive_end(result.error.value_or(std::error_code{}), loop_->now()); });
  }
}

bool stream::add_to(net::io_batch& batch) {
  if (socket_ < 0 || !session_.wants_to_write() || session_.writes_last())
    return false;
  std::size_t pieces = 0;
  contain([&] { pieces = session_.gather(batch.pieces()).size(); });
  if (pieces == 0)
    return false;
  batch.write(socket_, pieces);
  return true;
}

net::flushable::still_to_do stream::on_written(const net::io_result& result) {
  switch (result.what) {
    case net::io_result::outcome::done:
      session_.consume(result.size, session_.at() == phase::open ? loop_->now() : loop_->current_time());
      break;
    case net::io_result::outcome::failed: contain([&] { session_.fail_write(*result.error); }); break;
    default: session_.block(); break;
  }
  return is_quiet() ? still_to_do::nothing : still_to_do::flush;
}

// Writes, tells what was caused, and carries out what the session wants, now that no handler is running. Returns whether the stream still
// exists.
bool stream::proceed() {
  if (session_.wants_to_write())
    contain([this] { write_out(); });
  else
    session_.offered();
  if (session_.at() == phase::unwritable) [[unlikely]]
    read_rest();
  const auto before = session_.at();
  contain([this] { session_.settle(loop_->now()); });
  const auto now = session_.at();
  if (now >= phase::cut && !wind_up(before))
    return false;
  if (session_.wants_to_write())
    loop_->flush_later(*this); // for what the events have caused
  watch((session_.wants_to_read() ? net::interest::readable : net::interest::none)
        | (session_.is_blocked() ? net::interest::writable : net::interest::none));
  if (now != scheduled_at_)
    schedule();
  return true;
}

// As `proceed`, for what is special about an end.
bool stream::wind_up(phase before) {
  const auto now = session_.at();
  if (before == phase::flushing && now > before)
    channel_.shutdown_write();
  if (now == phase::ended) {
    loop_->timers().cancel(*this);
    const bool is_left = owner_ != nullptr;
    if (is_left)
      loop_->destroy(*owner_); // and this
    return !is_left;
  }
  if (now == phase::cut || (now == phase::flushing && session_.out().empty()))
    loop_->flush_later(*this);
  return true;
}

void stream::on_timer() {
  contain([this] { session_.expire(loop_->now(), channel_.socket_state()); });
  if (session_.at() != phase::ended)
    schedule();
  loop_->flush_later(*this);
}

void stream::schedule() {
  scheduled_at_ = session_.at();
  if (const auto due = session_.due(); due != session::time_point::max())
    loop_->timers().schedule(*this, due);
  else
    loop_->timers().cancel(*this);
}

void stream::change_watch(net::interest wanted) {
  // Without any interest the channel is not watched at all: otherwise a hang-up would be reported again and again.
  try {
    if (wanted == net::interest::none)
      channel_.unwatch(*loop_, *this);
    else
      channel_.watch(*loop_, *this, wanted);
    watched_ = wanted;
  } catch (const std::system_error& refused) { // the kernel is out of memory or of watches for this user
    channel_.unwatch(*loop_, *this);
    watched_ = net::interest::none;
    contain([&] { session_.fail_watch(refused.code()); });
    loop_->flush_later(*this);
  }
}

} // namespace harpia::inline v0::websocket
