// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>

#include <utility>

namespace harpia::protocol {

// A client until its opening handshake is answered.
struct session::connecting {
  client_opening asked;
  response_reader reader;
};

session::session(session_context& shared, outbound_queue& out, session_events& events, const route_options& options)
    : shared_{&shared}, out_{&out}, events_{&events}, max_payload_{options.max_payload}, offers_{options.compression} {}

session::~session() = default;

std::error_code session::accept(const request& opening, const header_fields& fields) {
  engine_ = shared_->make(offers_);
  engine_->work_for(*this, *out_, max_payload_);
  if (const auto refusal = engine_->accept(opening, fields))
    return refusal;
  state_ = ready_state::open;
  owns_engine_ = engine_->compresses();
  give_back();
  return {};
}

void session::connect(client_opening opening) {
  is_client_ = true;
  owns_engine_ = true;
  engine_ = shared_->make(offers_);
  engine_->work_for(*this, *out_, max_payload_);
  connecting_ = std::make_unique<connecting>(connecting{std::move(opening), {}});
  engine_->connect(connecting_->asked);
}

void session::take_response(std::span<const std::byte> bytes) {
  auto& [asked, reader] = *connecting_;
  const auto state = reader.read(bytes);
  if (state == response_reader::state::incomplete)
    return;
  if (state == response_reader::state::failed) {
    const error malformed{errc::protocol_violation,
                          make_error_code(errc::protocol_violation).message() + ": " + reader.failure()};
    return end(&malformed);
  }
  if (const auto refusal = check_response(reader.response(), asked, offers_)) {
    if (refusal->code() == errc::handshake_refused)
      events_->on_response(reader.response());
    return abort(&*refusal);
  }
  engine_->connected(reader.response());
  const auto done = std::exchange(connecting_, nullptr);
  const auto rest = done->reader.rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  receive(early);
}

void session::on_connected() {
  state_ = ready_state::open;
  events_->on_response(connecting_->reader.response());
}

void session::receive(std::span<std::byte> bytes) {
  if (ended_)
    return;
  if (connecting_)
    return take_response(bytes);
  if (!paused_ && !consuming_ && kept_.empty())
    bytes = bytes.last(consume(bytes));
  if (!ended_)
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  consume_kept();
}

// Goes on with what was kept while the session was paused. From inside of an event, what runs the event does.
void session::consume_kept() {
  while (!paused_ && !consuming_ && !ended_ && !kept_.empty()) {
    auto bytes = std::exchange(kept_, {});
    const auto from = std::exchange(kept_from_, 0);
    const auto left = consume(std::span{bytes}.subspan(from));
    if (!kept_.empty()) { // came meanwhile
      kept_.insert(kept_.begin(), bytes.end() - static_cast<std::ptrdiff_t>(left), bytes.end());
    } else if (left > 0) {
      kept_from_ = bytes.size() - left;
      kept_ = std::move(bytes);
    }
  }
}

// Returns how many bytes are left, because the session was paused or has ended.
std::size_t session::consume(std::span<std::byte> bytes) {
  consuming_ = true;
  while (!bytes.empty() && !paused_ && !ended_)
    bytes = bytes.subspan(take_frame(bytes));
  consuming_ = false;
  return bytes.size();
}

// Deals with the frame that has begun or begins now, or the part of it that is there. Returns its size.
std::size_t session::take_frame(std::span<std::byte> bytes) {
  if (state_ == ready_state::open && (!engine_ || engine_->is_idle()))
    if (const auto plain = read_plain_frame(bytes, peer(), max_payload_)) {
      events_->on_message(plain->message);
      return plain->size;
    }
  const auto size = borrow().receive(bytes);
  give_back();
  return size;
}

engine& session::borrow() {
  if (!engine_) {
    engine_ = shared_->borrow();
    engine_->work_for(*this, *out_, max_payload_);
  }
  return *engine_;
}

void session::give_back() {
  if (engine_ && !owns_engine_ && engine_->is_idle())
    shared_->give_back(std::move(engine_));
}

void session::receive_end(std::error_code reason) {
  if (ended_)
    return;
  resume(); // there is nothing to hold back any more
  if (ended_)
    return;
  if (state_ == ready_state::closing && !connecting_)
    return borrow().receive_end();
  const auto code = reason ? errc::read_failed : errc::connection_lost;
  const auto what = make_error_code(code).message();
  const error lost{code, reason ? what + ": " + reason.message() : what};
  end(&lost);
}

send_status session::send(message_view message, message_options options) {
  if (state_ != ready_state::open)
    return send_status::closed;
  return owns_engine_ ? send_by_engine(message, std::move(options)) : out_->push(message, std::move(options));
}

send_status session::send(const shared_frame& encoded, message_options options) {
  if (state_ != ready_state::open)
    return send_status::closed;
  return owns_engine_ ? send_by_engine(encoded->message(), std::move(options)) : out_->push(encoded, std::move(options));
}

send_status session::send_by_engine(message_view message, message_options options) {
  auto wire = engine_->encode(message);
  return wire ? out_->push_encoded(std::move(*wire), std::move(options)) : send_status::closed;
}

send_status session::send_control(opcode code, std::string_view payload) {
  if (state_ != ready_state::open)
    return send_status::closed;
  if (is_client_)
    return engine_->send_control(code, payload) ? send_status::closed : send_status::sent;
  out_->push_control(code, payload);
  return send_status::sent;
}

void session::pause() noexcept {
  paused_ = state_ == ready_state::open;
}

void session::resume() {
  paused_ = false;
  if (!ended_)
    consume_kept();
}

void session::close(close_code code, std::string_view reason) {
  if (state_ != ready_state::open)
    return;
  state_ = ready_state::closing;
  remember(code, reason);
  borrow().close(code, reason);
}

void session::abort(const error* failure) {
  if (!ended_)
    end(failure);
}

void session::on_message(message_view message) {
  if (state_ == ready_state::open)
    events_->on_message(message);
}

void session::on_ping(std::string_view payload) {
  events_->on_ping(payload);
}

void session::on_pong(std::string_view payload) {
  events_->on_pong(payload);
}

void session::on_over(close_code code, std::string_view reason, const error* failure) {
  remember(code, reason);
  end(failure);
}

// The first close frame decides what `on_ended` says.
void session::remember(close_code code, std::string_view reason) {
  if (code_ != close_code::abnormal)
    return;
  code_ = code;
  if (!reason.empty())
    reason_ = std::make_unique<const std::string>(reason);
}

void session::end(const error* failure) {
  ended_ = true;
  state_ = ready_state::closed;
  if (failure)
    events_->on_failed(*failure);
  events_->on_ended(code_, reason_ ? std::string_view{*reason_} : std::string_view{});
}

std::unique_ptr<engine> session_context::borrow() {
  if (idle_.empty()) {
    auto fresh = resources_->make(compression::disabled);
    fresh->open();
    return fresh;
  }
  auto lent = std::move(idle_.back());
  idle_.pop_back();
  return lent;
}

void session_context::give_back(std::unique_ptr<engine> idle) {
  if (idle_.size() < max_idle)
    idle_.push_back(std::move(idle));
}

} // namespace harpia::protocol
