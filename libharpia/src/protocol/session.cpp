// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>

#include "utf8.hpp"

#include <algorithm>

#include <utility>

namespace harpia::protocol {

// A client until its opening handshake is answered.
struct session::connecting {
  client_opening asked;
  response_reader reader;
};

// What a session that may compress knows of it.
struct session::deflating {
  explicit deflating(const deflate_options& wanted) : options{wanted} {}

  // Whether it is for the queue to compress messages, since they refer to others.
  [[nodiscard]] bool is_for(outbound_queue& out, side sender) const {
    if (own_takeover == context_takeover::disabled)
      return false;
    if (!out.deflates())
      out.deflate_with(std::make_unique<frame_deflater>(own, sender));
    return true;
  }

  deflate_options options; // what was asked for
  deflate_settings own = {};
  context_takeover own_takeover = context_takeover::disabled;
  std::optional<message_inflater> incoming = {}; // nothing until it is agreed on
};

session::session(session_context& shared, outbound_queue& out, session_events& events, const route_options& options)
    : shared_{&shared}, out_{&out}, events_{&events}, max_payload_{options.max_payload} {
  if (options.compression == compression::enabled)
    deflating_ = std::make_unique<deflating>(options.deflate);
}

session::~session() = default;

std::error_code session::accept(const request& opening, const header_fields& fields) {
  auto all = fields;
  if (const auto answer = deflating_ ? accept_deflate(opening, deflating_->options) : std::nullopt) {
    all.emplace_back("Sec-WebSocket-Extensions", answer->extension);
    agree(answer->agreed);
  } else {
    deflating_.reset();
  }
  engine_ = shared_->make();
  have_engine_work();
  if (const auto refusal = engine_->accept(opening, all))
    return refusal;
  state_ = ready_state::open;
  give_back();
  return {};
}

void session::agree(const deflate_agreement& agreed) {
  auto& [options, own, own_takeover, incoming] = *deflating_;
  own = {is_client_ ? agreed.client_window_bits : agreed.server_window_bits, options.level, options.memory_level};
  own_takeover = is_client_ ? agreed.client_context_takeover : agreed.server_context_takeover;
  incoming.emplace(shared_->inflaters(), is_client_ ? agreed.server_window_bits : agreed.client_window_bits,
                   is_client_ ? agreed.server_context_takeover : agreed.client_context_takeover, max_payload_);
}

void session::have_engine_work() {
  engine_->work_for(*this, *out_, max_payload_, deflating_ && deflating_->incoming ? deflate_agreed::yes : deflate_agreed::no);
}

void session::connect(client_opening opening) {
  is_client_ = true;
  engine_ = shared_->make();
  have_engine_work();
  if (deflating_)
    opening.fields.emplace_back("Sec-WebSocket-Extensions", offer_deflate(deflating_->options));
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
  const auto offered = deflating_ ? std::optional{deflating_->options} : std::nullopt;
  if (const auto refusal = check_response(reader.response(), asked, offered)) {
    if (refusal->code() == errc::handshake_refused)
      events_->on_response(reader.response());
    return abort(&*refusal);
  }
  if (const auto extension = field_of(reader.response(), "Sec-WebSocket-Extensions"); extension.empty())
    deflating_.reset();
  else
    agree(*read_deflate_answer(extension, deflating_->options));
  have_engine_work();
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
  if (state_ == ready_state::open && (!engine_ || engine_->is_idle())) {
    if (const auto plain = read_plain_frame(bytes, peer(), max_payload_)) {
      events_->on_message(plain->message);
      return plain->size;
    }
    if (const auto deflated = deflating_ ? read_deflated_frame(bytes, peer()) : std::nullopt) {
      take_deflated(deflated->message);
      return deflated->size;
    }
  }
  const auto size = borrow().receive(bytes);
  give_back();
  return size;
}

engine& session::borrow() {
  if (!engine_) {
    engine_ = shared_->borrow();
    have_engine_work();
  }
  return *engine_;
}

void session::give_back() {
  if (engine_ && !is_client_ && engine_->is_idle())
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
  if (is_worth_deflating(message.size(), options))
    return send_deflated(message, std::move(options));
  return send_plain(message, std::move(options));
}

send_status session::send(const shared_frame& encoded, message_options options) {
  if (state_ != ready_state::open)
    return send_status::closed;
  const auto message = encoded->message();
  const bool deflates = encoded->allowed() == compression::enabled && is_worth_deflating(message.size(), options);
  if (deflates && deflating_->is_for(*out_, self()))
    return out_->push(encoded, std::move(options));
  if (is_client_)
    return deflates ? send_deflated(message, std::move(options)) : send_plain(message, std::move(options));
  options.compression = compression::disabled;
  if (const auto shared = deflates ? encoded->deflated(deflating_->own, shared_->deflaters()) : nullptr)
    return out_->push(shared, std::move(options));
  return out_->push(encoded, std::move(options));
}

bool session::is_worth_deflating(std::size_t size, const message_options& options) const noexcept {
  // A server may give a client a window of 8 bits, which zlib cannot keep to.
  constexpr int smallest_window = 9;
  return deflating_ && options.compression == compression::enabled
         && size >= std::max<std::size_t>(deflating_->options.threshold, 1) && deflating_->own.window_bits >= smallest_window;
}

send_status session::send_plain(message_view message, message_options options) {
  options.compression = compression::disabled;
  if (!is_client_)
    return out_->push(message, std::move(options));
  auto wire = engine_->encode(message);
  return wire ? out_->push_encoded(std::move(*wire), std::move(options)) : send_status::closed;
}

send_status session::send_deflated(message_view message, message_options options) {
  if (deflating_->is_for(*out_, self()))
    return out_->push(message, std::move(options));
  auto& tool = shared_->deflaters().get(deflating_->own);
  const auto payload = tool.deflate(message.text());
  const bool is_smaller = payload.size() < message.size();
  auto frame = is_smaller ? deflated_frame(message.kind(), payload, self()) : std::string{};
  tool.trim();
  return is_smaller ? out_->push_encoded(std::move(frame), std::move(options)) : send_plain(message, std::move(options));
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

// From the engine, where a message comes in several pieces.
void session::on_deflated(message_view part, last_part last) {
  if (state_ != ready_state::open)
    return;
  auto result = deflating_->incoming->part(part.bytes());
  if (result == inflated::good && last == last_part::yes)
    result = deflating_->incoming->end();
  if (result != inflated::good || last == last_part::yes)
    inflated_to(part.kind(), result);
}

void session::take_deflated(message_view whole) {
  inflated_to(whole.kind(), deflating_->incoming->whole(whole.bytes()));
}

void session::inflated_to(message_kind kind, inflated result) {
  const auto refuse = [this](errc what, close_code code) { borrow().refuse(code, {what, make_error_code(what).message()}); };
  const message_view message{kind, deflating_->incoming->message()};
  if (result == inflated::too_large)
    refuse(errc::message_too_big, close_code::message_too_big);
  else if (result == inflated::malformed)
    refuse(errc::protocol_violation, close_code::invalid_payload);
  else if (message.is_text() && !is_utf8(message.bytes()))
    refuse(errc::invalid_text, close_code::invalid_payload);
  else
    events_->on_message(message);
  deflating_->incoming->forget();
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
    auto fresh = resources_->make();
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
