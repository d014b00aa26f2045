// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session.hpp"

#include "websocket/session_context.hpp"

#include "websocket/deflate_extension.hpp"
#include "websocket/message_fault.hpp"

#include <optional>
#include <utility>

namespace harpia::websocket {

namespace {

error error_of(const message_fault& fault) {
  auto what = make_error_code(fault.what).message();
  if (!fault.detail.empty())
    what.append(": ").append(fault.detail);
  return {fault.what, std::move(what)};
}

} // namespace

// The state of a client until its opening handshake is answered.
struct session::connecting {
  client_opening asked;
  std::string key; // the Sec-WebSocket-Key
  response_reader reader;
};

session::session(session_context& shared, outbound_queue& out, event_listener& events, const route_options& options,
                 messages given)
    : shared_{&shared}, out_{&out}, events_{&events}, reader_{given, options.max_payload, shared.buffers()} {
  if (options.compression == compression::enabled)
    deflating_ = std::make_unique<deflate_extension>(options.deflate);
}

session::~session() = default;

void session::accept(const request& opening, const header_fields& fields) {
  auto all = fields;
  if (const auto answer = deflating_ ? deflate::accept_deflate(opening, deflating_->options()) : std::nullopt) {
    all.emplace_back("Sec-WebSocket-Extensions", answer->extension);
    agree(answer->agreed);
  } else {
    deflating_.reset();
  }
  out_->push_raw(accept_upgrade(opening, all, shared_->digest()));
  state_ = ready_state::open;
}

void session::agree(const deflate::deflate_agreement& agreed) {
  deflating_->agree(agreed, self_, shared_->inflaters(), reader_.max_payload());
  reader_.inflate_with(deflating_->incoming());
}

void session::connect(client_opening opening) {
  self_ = side::client;
  reader_.read_from(side::server);
  out_->write_with(frame_writer{shared_->keys()});
  if (deflating_)
    opening.fields.emplace_back("Sec-WebSocket-Extensions", deflate::offer_deflate(deflating_->options()));
  connecting_ = std::make_unique<connecting>(connecting{std::move(opening), new_handshake_key(shared_->keys()), {}});
  out_->push_raw(encode_opening(connecting_->asked, connecting_->key));
}

void session::take_response(std::span<const std::byte> bytes) {
  auto& [asked, key, reader] = *connecting_;
  const auto state = reader.read(bytes);
  if (state == response_reader::state::incomplete)
    return;
  if (state == response_reader::state::failed) {
    const error malformed{errc::protocol_violation,
                          make_error_code(errc::protocol_violation).message() + ": " + reader.failure()};
    return end(&malformed);
  }
  const auto offered = deflating_ ? std::optional{deflating_->options()} : std::nullopt;
  if (const auto refusal = check_response(reader.response(), asked, shared_->digest().of(key), offered)) {
    if (refusal->code() == errc::handshake_refused)
      events_->on_response(reader.response());
    return abort(&*refusal);
  }
  if (const auto extension = field_of(reader.response(), "Sec-WebSocket-Extensions"); extension.empty())
    deflating_.reset();
  else
    agree(*deflate::read_deflate_answer(extension, deflating_->options()));
  const auto done = std::exchange(connecting_, nullptr);
  state_ = ready_state::open;
  events_->on_response(done->reader.response());
  const auto rest = done->reader.rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  receive(early);
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
  while (!paused_ && !consuming_ && !ended_ && (stashed_ || reader_.holds_part())) {
    if (reader_.holds_part()) {
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
    bytes = bytes.subspan(reader_.read(bytes, *this));
  consuming_ = false;
  return bytes.size();
}

void session::receive_end(std::error_code reason) {
  if (ended_)
    return;
  resume(); // deliver the stashed bytes first
  if (ended_)
    return;
  if (state_ == ready_state::closing && !connecting_)
    return end(nullptr);
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
  if (deflates && deflating_->is_for(*out_))
    return out_->push(encoded, std::move(options));
  if (self_ == side::client)
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
  return out_->push(message, std::move(options));
}

send_status session::send_deflated(message_view message, message_options options) {
  if (deflating_->is_for(*out_))
    return out_->push(message, std::move(options));
  auto frame = deflating_->deflated(message, out_->writer(), shared_->deflaters());
  return frame ? out_->push_encoded(std::move(*frame), std::move(options)) : send_plain(message, std::move(options));
}

send_status session::send_control(opcode code, std::string_view payload) {
  if (state_ != ready_state::open)
    return send_status::closed;
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
  reader_.discard_messages();
  out_->push_close(code, reason);
}

void session::abort(const error* failure) {
  if (!ended_)
    end(failure);
}

void session::on_message(message_view message) {
  events_->on_event(event::message{message});
}

part_taker::wish session::wants_part() const noexcept {
  return state_ != ready_state::open ? wish::never : paused_ ? wish::later : wish::now;
}

void session::on_part(message_view part, last_part last) {
  events_->on_event(event::message_part{part, last});
}

void session::give_held_part() {
  consuming_ = true;
  reader_.give_held_part(*this);
  consuming_ = false;
}

void session::on_control(opcode code, std::string_view payload) {
  if (code == opcode::pong)
    return events_->on_event(event::ponged{payload});
  events_->on_event(event::pinged{payload});
  if (state_ == ready_state::open) // nothing follows a close frame (RFC 6455, 5.5.1)
    out_->push_control(opcode::pong, payload);
}

void session::on_close(close_code code, std::string_view reason) {
  if (state_ == ready_state::open)
    out_->push_close(code == close_code::no_status ? close_code::normal : code, {});
  remember(code, reason);
  end(nullptr);
}

void session::on_fault(const message_fault& fault) {
  if (ended_) // by a handler of a part of the same frame
    return;
  if (state_ != ready_state::open) // its own close frame has been sent
    return end(nullptr);
  out_->push_close(fault.code, {});
  remember(fault.code, {});
  const auto failure = error_of(fault);
  end(&failure);
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
