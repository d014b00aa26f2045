// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session.hpp"

#include "websocket/close_reason.hpp"
#include "websocket/deflate_extension.hpp"
#include "websocket/message_fault.hpp"
#include "websocket/session_context.hpp"

#include <exception>
#include <optional>
#include <utility>

namespace harpia::inline v0::websocket {

namespace {

error make_error(errc code, std::string_view detail = {}) {
  auto what = make_error_code(code).message();
  if (!detail.empty())
    what.append(": ").append(detail);
  return {code, std::move(what)};
}

} // namespace

// The state of a client until its opening handshake is answered.
struct session::connecting {
  client_opening asked;
  std::string key; // the Sec-WebSocket-Key
  response_reader reader;
};

session::session(session_context& shared, event_listener& events, const route_options& options, time_point now, messages given)
    : shared_{&shared}, events_{&events}, out_{shared.buffers(), options.sending()},
      reader_{given, options.max_payload, shared.buffers()}, timeouts_{options, now, shared.next_share()}, now_{now} {
  if (options.compression == compression::enabled)
    deflating_ = std::make_unique<deflate_extension>(options.deflate);
}

session::session(session_context& shared, std::string_view last, const route_options& options, time_point now)
    : shared_{&shared}, events_{nullptr}, out_{shared.buffers(), options.sending()},
      reader_{messages::whole, options.max_payload, shared.buffers()}, timeouts_{options, now}, now_{now} {
  out_.push_raw(last);
  phase_ = phase::flushing;
  timeouts_.flushing(now, last.size());
}

session::~session() = default;

ready_state session::state() const noexcept {
  switch (phase_) {
    case phase::open: return ready_state::open;
    case phase::opening:
    case phase::close_held:
    case phase::close_sent: return ready_state::closing;
    default: return ready_state::closed;
  }
}

// The beginning

void session::accept(const request& opening, const header_fields& fields, time_point now) {
  auto all = fields;
  if (const auto answer = deflating_ ? deflate::accept_deflate(opening, deflating_->options()) : std::nullopt) {
    all.emplace_back("Sec-WebSocket-Extensions", answer->extension);
    agree(answer->agreed);
  } else {
    deflating_.reset();
  }
  out_.push_raw(accept_upgrade(opening, all, shared_->digest()));
  phase_ = phase::open;
  timeouts_.opened(now);
}

void session::agree(const deflate::deflate_agreement& agreed) {
  deflating_->agree(agreed, self_, shared_->inflaters(), reader_.max_payload());
  reader_.inflate_with(deflating_->incoming());
}

void session::connect(client_opening opening, time_point deadline) {
  self_ = side::client;
  reader_.read_from(side::server);
  out_.write_with(frame_writer{shared_->keys()});
  if (deflating_)
    opening.fields.emplace_back("Sec-WebSocket-Extensions", deflate::offer_deflate(deflating_->options()));
  connecting_ = std::make_unique<connecting>(connecting{std::move(opening), new_handshake_key(shared_->keys()), {}});
  out_.push_raw(encode_opening(connecting_->asked, connecting_->key));
  timeouts_.open_until(deadline);
}

void session::take_response(std::span<const std::byte> bytes, time_point now) {
  if (const auto state = connecting_->reader.read(bytes); state != response_reader::state::incomplete)
    conclude_opening(state, now);
}

void session::conclude_opening(response_reader::state state, time_point now) {
  auto& [asked, key, reader] = *connecting_;
  const auto after_failure = phase_ == phase::unwritable ? phase::ended : phase::flushing;
  if (state == response_reader::state::failed) {
    fail_with(make_error(errc::protocol_violation, reader.failure()));
    return end(after_failure);
  }
  const auto offered = deflating_ ? std::optional{deflating_->options()} : std::nullopt;
  if (const auto refusal = check_response(reader.response(), asked, shared_->digest().of(key), offered)) {
    if (refusal->code() == errc::handshake_refused)
      events_->on_response(reader.response());
    failure_.reset(); // a refusal tells more than a failure to write
    fail_with(*refusal);
    return end(after_failure);
  }
  if (phase_ == phase::unwritable) // it was accepted too late
    return end(phase::ended);
  if (const auto extension = field_of(reader.response(), "Sec-WebSocket-Extensions"); extension.empty())
    deflating_.reset();
  else
    agree(*deflate::read_deflate_answer(extension, deflating_->options()));
  const auto done = std::exchange(connecting_, nullptr);
  phase_ = phase::open;
  timeouts_.opened(now);
  events_->on_response(done->reader.response());
  const auto rest = done->reader.rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  receive(early, now);
}

// What happened

void session::receive(std::span<std::byte> bytes, time_point now) {
  if (is_over())
    return;
  now_ = now;
  timeouts_.received(now);
  if (connecting_)
    return take_response(bytes, now);
  if (reading_ == reading::on && !in_reader_ && !stashed_)
    bytes = bytes.last(read(bytes));
  if (bytes.empty() && !stashed_ && !reader_.holds_part()) [[likely]]
    return;
  stash(bytes);
  read_stash();
}

void session::stash(std::span<const std::byte> bytes) {
  if (bytes.empty() || is_over())
    return;
  if (!stashed_)
    stashed_ = std::make_unique<stashed_bytes>();
  stashed_->bytes.insert(stashed_->bytes.end(), bytes.begin(), bytes.end());
}

// Continues with the bytes stashed while the session was paused. Inside an event it does nothing: the caller of the event continues.
void session::read_stash() {
  while (reading_ == reading::on && !in_reader_ && !is_over() && (stashed_ || reader_.holds_part())) {
    if (reader_.holds_part()) {
      give_held_part();
      continue;
    }
    auto stashed = std::exchange(stashed_, nullptr);
    const auto left = read(std::span{stashed->bytes}.subspan(stashed->from));
    stashed->from = stashed->bytes.size() - left;
    if (stashed_) // stashed meanwhile
      stashed->bytes.insert(stashed->bytes.end(), stashed_->bytes.begin(), stashed_->bytes.end());
    if (stashed->from < stashed->bytes.size())
      stashed_ = std::move(stashed);
  }
}

// Returns the number of bytes left because the session was paused or is over. The way of nearly all messages, as one function.
[[gnu::flatten]] std::size_t session::read(std::span<std::byte> bytes) {
  in_reader_ = true;
  while (!bytes.empty() && reading_ == reading::on && !is_over())
    bytes = bytes.subspan(reader_.read(bytes, *this));
  in_reader_ = false;
  return bytes.size();
}

void session::give_held_part() {
  in_reader_ = true;
  reader_.give_held_part(*this);
  in_reader_ = false;
}

void session::receive_end(std::error_code reason, time_point now) {
  now_ = now;
  if (phase_ == phase::lingering || (phase_ == phase::flushing && reason))
    discard_rest();
  peer_ended_ = true;
  if (is_over())
    return;
  if (connecting_ && connecting_->reader.read_end() == response_reader::state::complete) // a refusal whose body ends here
    return conclude_opening(response_reader::state::complete, now);
  if (reading_ == reading::resuming && (!reason || phase_ == phase::unwritable)) { // what came before the end
    reading_ = reading::on;
    read_stash();
    if (is_over())
      return;
    if (reading_ == reading::paused) { // again, by a handler: the end is reported again, too
      peer_ended_ = false;
      return;
    }
  }
  if (phase_ == phase::unwritable) {
    if (reason) // such as a TLS alert
      failure_ = std::make_unique<const error>(make_error(errc::read_failed, reason.message()));
    return end(phase::ended);
  }
  if (phase_ != phase::close_sent)
    fail_with(reason ? make_error(errc::read_failed, reason.message()) : make_error(errc::connection_lost));
  end(reason ? phase::ended : phase::flushing);
}

void session::fail_write(const std::error_code& reason) {
  if (phase_ > phase::cut)
    return discard_rest();
  if (phase_ > phase::open)
    return cut();
  fail_with(make_error(errc::write_failed, reason.message()));
  if (reading_ == reading::paused)
    return cut();
  phase_ = phase::unwritable;
  blocked_ = false;
  out_.close_to_remote_senders();
  out_.clear();
  timeouts_.flushing(now_, 0);
}

void session::fail_watch(const std::error_code& reason) {
  if (phase_ > phase::cut)
    return discard_rest();
  fail_with(make_error(errc::read_failed, reason.message()));
  cut();
}

void session::fail_inside(std::string_view what) noexcept {
  in_reader_ = false;
  if (phase_ > phase::cut)
    return discard_rest();
  try {
    fail_with(make_error(errc::read_failed, what));
  } catch (const std::exception&) { // then the end tells it alone
  }
  cut();
}

void session::expire(time_point now, const net::socket_state& socket) {
  if (phase_ == phase::cut || phase_ == phase::ended)
    return;
  now_ = now;
  using enum timeouts::verdict;
  switch (timeouts_.check(stage(), now, socket, wants_to_read() ? timeouts::reading::on : timeouts::reading::off)) {
    case goes_on: return;
    case send_ping:
      if (out_.empty()) { // otherwise the peer has enough to take
        out_.push_control(opcode::ping, {});
        timeouts_.pinged(out_.size());
      }
      return;
    case too_old: return close(close_code::going_away, "the connection has been open for long enough", now);
    case idle: fail_with(make_error(errc::idle_timeout)); return end(phase::ended);
    case opening_timed_out:
      if (connecting_ && connecting_->reader.read_end() == response_reader::state::complete) // a refusal whose body does not end
        return conclude_opening(response_reader::state::complete, now);
      fail_with(make_error(errc::connect_timeout, "the opening handshake was not answered"));
      return end(phase::ended);
    case close_timed_out: break;
  }
  if (phase_ == phase::close_held) // the messages that it waits for do not arrive
    return send_close();
  if (phase_ == phase::unwritable)
    return end(phase::ended);
  if (phase_ != phase::close_sent)
    return discard_rest();
  fail_with(make_error(errc::close_timeout, out_.empty() ? "" : "it takes no bytes"));
  end(phase::ended);
}

void session::tell() {
  if (phase_ == phase::cut)
    return end(phase::ended);
  if (is_over())
    return flush_rest();
  if (phase_ != phase::unwritable) { // otherwise the end tells it, after what the peer has sent
    if (failure_)
      notify_failure();
    notify_outcomes();
  }
  if (phase_ == phase::open && out_.take_drain())
    events_->on_event(event::drained{});
  if (reading_ == reading::resuming) {
    reading_ = reading::on;
    read_stash();
  }
  // After `notify_outcomes`: a thread whose request was refused at the last moment schedules a flush, unless one is still to report it.
  if (phase_ == phase::close_held && !out_.awaits_remote_senders())
    send_close();
}

void session::flush_rest() noexcept {
  connecting_.reset();
  stashed_.reset();
  reader_.forget_message();
  if (phase_ != phase::flushing || !out_.empty())
    return;
  phase_ = peer_ended_ ? phase::ended : phase::lingering;
  timeouts_.flushing(now_, 0);
}

void session::discard_rest() noexcept {
  phase_ = phase::ended;
  out_.clear();
}

// What it wants

session::time_point session::due() const noexcept {
  return phase_ == phase::cut || phase_ == phase::ended ? time_point::max() : timeouts_.due(stage());
}

timeouts::stage session::stage() const noexcept {
  switch (phase_) {
    case phase::opening: return timeouts::stage::opening;
    case phase::open: return timeouts::stage::open;
    default: return timeouts::stage::closing;
  }
}

// The verbs

// While a close frame is held back, only the granted messages that it waits for.
bool session::takes(granted already) const noexcept {
  return phase_ == phase::open || (phase_ == phase::close_held && already == granted::yes);
}

send_status session::send(message_view message, const message_options& options) {
  return takes(options.granted) ? writer().send(message, options) : send_status::closed;
}

send_status session::send(const shared_frame& encoded, const message_options& options) {
  return takes(options.granted) ? writer().send(encoded, options) : send_status::closed;
}

send_status session::send_control(opcode code, std::string_view payload) {
  if (phase_ != phase::open)
    return send_status::closed;
  out_.push_control(code, payload);
  return send_status::sent;
}

void session::enforce_limit(time_point now) {
  const auto& limits = out_.limits();
  if (limits.on_limit != on_limit::close || phase_ != phase::open)
    return;
  out_.drop_backlog(); // the peer does not read it and should get the close frame
  fail(make_error(errc::buffer_limit,
                  out_.is_budget_spent() ? "all connections together hold what they may"
                                         : "more than " + std::to_string(limits.max_buffered) + " bytes wait"),
       close_code::try_again_later, now);
}

void session::close(close_code code, std::string_view reason, time_point now) {
  now_ = now;
  if (phase_ == phase::close_held && code == close_code::internal_error) // the messages that it waits for may never arrive
    return send_close();
  if (phase_ == phase::unwritable) // what the peer sent is wanted no more
    return cut();
  if (phase_ != phase::open)
    return;
  out_.close_to_remote_senders();
  remember(code, reason);
  reader_.discard_messages();
  // Messages for which other threads got `sent` may still be in flight and belong before the close frame. After a failure, do not wait:
  // the sender that delivers them may be gone.
  if (!failure_ && code != close_code::internal_error && out_.awaits_remote_senders()) {
    phase_ = phase::close_held;
    timeouts_.closing(now);
  } else {
    send_close();
  }
  if (reading_ == reading::paused)
    reading_ = reading::resuming; // to read the peer's close frame, but not inside the caller
}

void session::send_close() {
  phase_ = phase::close_sent;
  out_.push_close(code_, reason_ ? std::string_view{*reason_} : std::string_view{});
  timeouts_.closing(now_);
}

bool session::fail(const error& what, close_code code, time_point now) {
  if (phase_ > phase::cut)
    return false;
  if (phase_ == phase::unwritable) {
    failure_ = std::make_unique<const error>(what); // the program's own failure is not to go unheard
    cut();
    return true;
  }
  const bool is_first = fail_with(what);
  close(code, shared_->explains_failures() ? as_close_reason(what.what()) : std::string_view{}, now);
  return is_first;
}

void session::terminate() {
  if (!is_over())
    cut();
}

void session::pause() noexcept {
  if (phase_ == phase::unwritable)
    cut();
  else if (phase_ == phase::open)
    reading_ = reading::paused;
}

void session::resume() noexcept {
  if (reading_ == reading::paused)
    reading_ = reading::resuming;
}

// Events of the reader

void session::on_message(message_view message) {
  events_->on_event(event::message{message});
}

part_taker::wish session::wants_part() const noexcept {
  return !takes_messages() ? wish::never : reading_ == reading::on ? wish::now : wish::later;
}

void session::on_part(message_view part, last_part last) {
  events_->on_event(event::message_part{part, last});
}

void session::on_control(opcode code, std::string_view payload) {
  if (code == opcode::pong)
    return events_->on_event(event::ponged{payload});
  events_->on_event(event::pinged{payload});
  if (phase_ == phase::open || phase_ == phase::close_held) // nothing follows a close frame (RFC 6455, 5.5.1)
    out_.push_control(opcode::pong, payload);
}

void session::on_close(close_code code, std::string_view reason) {
  if (phase_ == phase::unwritable) {
    failure_.reset(); // the peer had closed: nothing has failed
    remember(code, reason);
    return end(phase::ended);
  }
  if (phase_ != phase::close_sent) {
    code_ = close_code::abnormal; // a close frame that was held back is not the first
    remember(code, reason);
    out_.push_close(code == close_code::no_status ? close_code::normal : code, {});
  }
  end(phase::flushing);
}

void session::on_fault(const message_fault& fault) {
  if (is_over()) // by a handler of a part of the same frame
    return;
  if (phase_ == phase::unwritable)
    return end(phase::ended);
  if (phase_ != phase::close_sent) {
    code_ = close_code::abnormal;
    auto what = make_error(fault.what, fault.detail);
    const auto reason = shared_->explains_failures() ? as_close_reason(what.what()) : std::string_view{};
    remember(fault.code, reason);
    out_.push_close(fault.code, reason);
    fail_with(std::move(what));
  }
  end(phase::flushing);
}

// Ends

// The first close frame determines the code and reason of `closed`.
void session::remember(close_code code, std::string_view reason) {
  if (code_ != close_code::abnormal)
    return;
  code_ = code;
  reason_ = reason.empty() ? nullptr : std::make_unique<const std::string>(reason);
}

// The first failure is reported. Returns whether this is the first.
bool session::fail_with(error what) {
  if (failure_)
    return false;
  failure_ = std::make_unique<const error>(std::move(what));
  return true;
}

void session::cut() noexcept {
  phase_ = phase::cut;
  out_.close_to_remote_senders();
  out_.clear();
}

void session::end(phase next) {
  phase_ = next;
  reading_ = reading::on; // nothing is held back any more
  out_.close_to_remote_senders();
  if (next == phase::ended)
    out_.clear();
  timeouts_.flushing(now_, out_.size());
  try {
    if (failure_)
      notify_failure();
    out_.abandon();
    notify_outcomes();
  } catch (const std::exception&) { // for want of memory: the end is told all the same
  }
  events_->on_event(event::closed{code_, reason_ ? std::string_view{*reason_} : std::string_view{}});
}

void session::notify_failure() {
  const auto failure = std::exchange(failure_, nullptr);
  events_->on_event(event::failed{*failure});
}

void session::notify_outcomes() {
  for (const auto& [notify, outcome] : out_.take_outcomes())
    events_->on_outcome(notify, outcome);
  if (const auto dropped = out_.take_dropped(); dropped.messages > 0)
    events_->on_event(event::dropped{dropped.messages, dropped.bytes});
}

} // namespace harpia::inline v0::websocket
