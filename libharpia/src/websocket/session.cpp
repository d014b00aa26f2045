// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session.hpp"

#include "websocket/session_context.hpp"

#include "websocket/deflate_extension.hpp"
#include "websocket/message_fault.hpp"
#include "websocket/message_parts.hpp"

#include <optional>
#include <utility>

namespace harpia::websocket {

// The state of a client until its opening handshake is answered.
struct session::connecting {
  client_opening asked;
  response_reader reader;
};

// Reports message parts as events of a session.
class session::part_events final : public part_taker {
public:
  explicit part_events(session& self) noexcept : self_{&self} {}

  [[nodiscard]] wish wants_part() const noexcept override {
    return self_->state_ != ready_state::open ? wish::never : self_->paused_ ? wish::later : wish::now;
  }
  void on_part(message_view part, last_part last) override { self_->events_->on_event(event::message_part{part, last}); }

private:
  session* self_;
};

session::session(session_context& shared, outbound_queue& out, event_listener& events, const route_options& options,
                 messages given)
    : shared_{&shared}, out_{&out}, events_{&events}, max_payload_{options.max_payload} {
  if (given == messages::in_parts)
    parting_ = std::make_unique<message_parts>();
  if (options.compression == compression::enabled)
    deflating_ = std::make_unique<deflate_extension>(options.deflate);
}

session::~session() = default;

void session::accept(const request& opening, const header_fields& fields) {
  auto all = fields;
  if (const auto answer = deflating_ ? deflate::accept_deflate(opening, deflating_->options()) : std::nullopt) {
    all.emplace_back("Sec-WebSocket-Extensions", answer->extension);
    deflating_->agree(answer->agreed, self(), shared_->inflaters(), max_payload_);
  } else {
    deflating_.reset();
  }
  out_->push_raw(accept_upgrade(opening, all, shared_->digest()));
  state_ = ready_state::open;
}

void session::have_engine_work() {
  engine_->work_for(*this, *out_,
                    {.max_payload = max_payload_,
                     .deflates = deflating_ && deflating_->is_agreed() ? deflate_agreed::yes : deflate_agreed::no,
                     .given = parting_ ? messages::in_parts : messages::whole});
}

void session::connect(client_opening opening) {
  is_client_ = true;
  engine_ = shared_->make();
  have_engine_work();
  if (deflating_)
    opening.fields.emplace_back("Sec-WebSocket-Extensions", deflate::offer_deflate(deflating_->options()));
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
  const auto offered = deflating_ ? std::optional{deflating_->options()} : std::nullopt;
  if (const auto refusal = check_response(reader.response(), asked, offered)) {
    if (refusal->code() == errc::handshake_refused)
      events_->on_response(reader.response());
    return abort(&*refusal);
  }
  if (const auto extension = field_of(reader.response(), "Sec-WebSocket-Extensions"); extension.empty())
    deflating_.reset();
  else
    deflating_->agree(*deflate::read_deflate_answer(extension, deflating_->options()), self(), shared_->inflaters(),
                      max_payload_);
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
  if (!paused_ && !consuming_ && !stashed_)
    bytes = bytes.last(consume(bytes));
  stash(bytes);
  consume_stash();
}

void session::stash(std::span<const std::byte> bytes) {
  if (bytes.empty() || ended_)
    return;
  if (!stashed_)
    stashed_ = std::make_unique<stashed_bytes>();
  stashed_->bytes.insert(stashed_->bytes.end(), bytes.begin(), bytes.end());
}

// Continues with the bytes stashed while the session was paused. Inside an event it does nothing: the caller of the event continues.
void session::consume_stash() {
  while (!paused_ && !consuming_ && !ended_ && (stashed_ || holds_part())) {
    if (holds_part()) {
      give_held_part();
      continue;
    }
    auto stashed = std::exchange(stashed_, nullptr);
    const auto left = consume(std::span{stashed->bytes}.subspan(stashed->from));
    stashed->from = stashed->bytes.size() - left;
    if (stashed_) // stashed meanwhile
      stashed->bytes.insert(stashed->bytes.end(), stashed_->bytes.begin(), stashed_->bytes.end());
    if (stashed->from < stashed->bytes.size())
      stashed_ = std::move(stashed);
  }
}

// Returns the number of bytes left because the session was paused or has ended.
std::size_t session::consume(std::span<std::byte> bytes) {
  consuming_ = true;
  while (!bytes.empty() && !paused_ && !ended_)
    bytes = bytes.subspan(take_frame(bytes));
  consuming_ = false;
  return bytes.size();
}

// Handles the current or next frame, or the available part of it. Returns the number of bytes consumed.
std::size_t session::take_frame(std::span<std::byte> bytes) {
  if (!engine_ || engine_->is_idle()) {
    if (const auto plain = read_plain_frame(bytes, peer(), max_payload_)) {
      on_message(plain->message);
      return plain->size;
    }
    if (const auto closes = is_client_ ? std::nullopt : read_plain_close(bytes, peer())) {
      take_close(*closes);
      return closes->size;
    }
    if (const auto deflated =
            deflating_ && !parting_ && state_ == ready_state::open ? read_deflated_frame(bytes, peer()) : std::nullopt) {
      take_inflated(deflated->message.kind(), deflating_->incoming().whole(deflated->message.bytes()));
      return deflated->size;
    }
  }
  const auto size = borrow().receive(bytes);
  give_back();
  return size;
}

// Handles the peer's close frame. A server answers the first one.
void session::take_close(const plain_close& peers) {
  if (state_ == ready_state::open)
    out_->push_close(close_frame(peers.code == close_code::no_status ? close_code::normal : peers.code));
  on_over(peers.code, peers.reason, nullptr);
}

engine& session::borrow() {
  if (!engine_) {
    engine_ = shared_->borrow();
    have_engine_work();
    if (state_ == ready_state::closing)
      engine_->close_was_sent();
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
  resume(); // deliver the stashed bytes first
  if (ended_)
    return;
  if (state_ == ready_state::closing && !connecting_)
    return engine_ ? engine_->receive_end() : on_over(close_code::abnormal, {}, nullptr);
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
  if (const auto shared = deflates ? encoded->deflated(deflating_->own(), shared_->deflaters()) : nullptr)
    return out_->push(shared, std::move(options));
  return out_->push(encoded, std::move(options));
}

bool session::is_worth_deflating(std::size_t size, const message_options& options) const noexcept {
  return deflating_ && options.compression == compression::enabled && deflating_->is_worth_deflating(size);
}

send_status session::send_plain(message_view message, message_options options) {
  options.compression = compression::disabled;
  if (!is_client_)
    return out_->push(message, std::move(options));
  auto encoded = engine_->encode(message);
  return encoded ? out_->push_encoded(std::move(*encoded), std::move(options)) : send_status::closed;
}

send_status session::send_deflated(message_view message, message_options options) {
  if (deflating_->is_for(*out_, self()))
    return out_->push(message, std::move(options));
  auto frame = deflating_->deflated(message, self(), shared_->deflaters());
  return frame ? out_->push_encoded(std::move(*frame), std::move(options)) : send_plain(message, std::move(options));
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
    consume_stash();
}

void session::close(close_code code, std::string_view reason) {
  if (state_ != ready_state::open)
    return;
  state_ = ready_state::closing;
  remember(code, reason);
  if (engine_)
    engine_->close(code, reason);
  else
    out_->push_close(close_frame(code, reason));
}

void session::abort(const error* failure) {
  if (!ended_)
    end(failure);
}

void session::on_message(message_view message) {
  if (state_ != ready_state::open)
    return;
  if (parting_)
    events_->on_event(event::message_part{message, last_part::yes});
  else
    events_->on_event(event::message{message});
}

void session::on_part(message_view part, last_part last) {
  part_events to{*this};
  if (const auto fault = parting_->take(part, last, to))
    refuse(*fault);
}

bool session::holds_part() const noexcept {
  return parting_ && parting_->has_held();
}

void session::give_held_part() {
  part_events to{*this};
  consuming_ = true;
  parting_->give_held(to);
  consuming_ = false;
}

// Called by the engine for a message that arrives in several pieces.
void session::on_deflated(message_view part, last_part last) {
  if (state_ != ready_state::open)
    return;
  auto& incoming = deflating_->incoming();
  if (parting_) {
    part_events to{*this};
    if (const auto fault = parting_->take_deflated(part, last, incoming, to))
      refuse(*fault);
    return;
  }
  auto result = incoming.part(part.bytes());
  if (result == deflate::inflated::good && last == last_part::yes)
    result = incoming.end();
  if (result != deflate::inflated::good || last == last_part::yes)
    take_inflated(part.kind(), result);
}

// Delivers a whole inflated message, or handles its fault.
void session::take_inflated(message_kind kind, deflate::inflated result) {
  auto& incoming = deflating_->incoming();
  const message_view message{kind, incoming.message()};
  if (const auto fault = fault_of(result, message))
    refuse(*fault);
  else
    events_->on_event(event::message{message});
  incoming.forget();
}

void session::refuse(const message_fault& wrong) {
  if (state_ == ready_state::open)
    borrow().refuse(wrong.code, {wrong.what, make_error_code(wrong.what).message()});
}

void session::on_ping(std::string_view payload) {
  events_->on_event(event::pinged{payload});
}

void session::on_pong(std::string_view payload) {
  events_->on_event(event::ponged{payload});
}

void session::on_over(close_code code, std::string_view reason, const error* failure) {
  if (ended_) // ended by a handler while parts of a frame were given
    return;
  remember(code, reason);
  end(failure);
}

// The first close frame determines the code and reason of `closed`.
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
    events_->on_event(event::failed{*failure});
  events_->on_event(event::closed{code_, reason_ ? std::string_view{*reason_} : std::string_view{}});
}

} // namespace harpia::websocket
