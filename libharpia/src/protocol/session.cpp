// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>

#include "text_parts.hpp"
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

// What a session that gives messages in parts knows of the one that has begun.
struct session::parting {
  text_parts text;
  std::size_t inflated = 0; // bytes so far, if it is compressed
  // What came of a frame after the session was paused by a part of it; at most a mebibyte, or what was read at once.
  std::optional<std::vector<std::byte>> held = {};
  message_kind held_kind = message_kind::text;
  last_part held_last = last_part::no;
};

// Gives what is inflated to whoever takes messages in parts, up to the session's limit.
class session::inflated_parts final : public inflate_target {
public:
  inflated_parts(session& self, message_kind kind) noexcept : self_{&self}, kind_{kind} {}

  [[nodiscard]] std::span<std::byte> room() override {
    const auto scratch = self_->shared_->inflaters().scratch();
    return scratch.first(std::min(scratch.size(), self_->max_payload_ - self_->parting_->inflated));
  }
  void added(std::size_t count) override {
    self_->parting_->inflated += count;
    if (count > 0)
      self_->on_part({kind_, self_->shared_->inflaters().scratch().first(count)}, last_part::no);
  }

private:
  session* self_;
  message_kind kind_;
};

session::session(session_context& shared, outbound_queue& out, session_events& events, const route_options& options,
                 messages given)
    : shared_{&shared}, out_{&out}, events_{&events}, max_payload_{options.max_payload} {
  if (given == messages::in_parts)
    parting_ = std::make_unique<parting>();
  if (options.compression == compression::enabled)
    deflating_ = std::make_unique<deflating>(options.deflate);
}

session::~session() = default;

void session::accept(const request& opening, const header_fields& fields) {
  auto all = fields;
  if (const auto answer = deflating_ ? accept_deflate(opening, deflating_->options) : std::nullopt) {
    all.emplace_back("Sec-WebSocket-Extensions", answer->extension);
    agree(answer->agreed);
  } else {
    deflating_.reset();
  }
  out_->push_raw(accept_upgrade(opening, all, shared_->digest()));
  state_ = ready_state::open;
}

void session::agree(const deflate_agreement& agreed) {
  auto& [options, own, own_takeover, incoming] = *deflating_;
  own = {is_client_ ? agreed.client_window_bits : agreed.server_window_bits, options.level, options.memory_level};
  own_takeover = is_client_ ? agreed.client_context_takeover : agreed.server_context_takeover;
  incoming.emplace(shared_->inflaters(), is_client_ ? agreed.server_window_bits : agreed.client_window_bits,
                   is_client_ ? agreed.server_context_takeover : agreed.client_context_takeover, max_payload_);
}

void session::have_engine_work() {
  engine_->work_for(*this, *out_,
                    {.max_payload = max_payload_,
                     .deflates = deflating_ && deflating_->incoming ? deflate_agreed::yes : deflate_agreed::no,
                     .given = parting_ ? messages::in_parts : messages::whole});
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
  if (!paused_ && !consuming_ && !kept_)
    bytes = bytes.last(consume(bytes));
  keep(bytes);
  consume_kept();
}

void session::keep(std::span<const std::byte> bytes) {
  if (bytes.empty() || ended_)
    return;
  if (!kept_)
    kept_ = std::make_unique<kept_bytes>();
  kept_->bytes.insert(kept_->bytes.end(), bytes.begin(), bytes.end());
}

// Goes on with what was kept while the session was paused. From inside of an event, what runs the event does.
void session::consume_kept() {
  while (!paused_ && !consuming_ && !ended_ && (kept_ || has_held())) {
    if (has_held()) {
      give_held();
      continue;
    }
    auto kept = std::exchange(kept_, nullptr);
    const auto left = consume(std::span{kept->bytes}.subspan(kept->from));
    kept->from = kept->bytes.size() - left;
    if (kept_) // came meanwhile
      kept->bytes.insert(kept->bytes.end(), kept_->bytes.begin(), kept_->bytes.end());
    if (kept->from < kept->bytes.size())
      kept_ = std::move(kept);
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
      take_deflated(deflated->message);
      return deflated->size;
    }
  }
  const auto size = borrow().receive(bytes);
  give_back();
  return size;
}

// The peer's, of which a server answers the first.
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
  resume(); // there is nothing to hold back any more
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
    events_->on_part(message, last_part::yes);
  else
    events_->on_message(message);
}

// From the engine, or of what was inflated.
void session::on_part(message_view part, last_part last) {
  if (part.is_text())
    take_text_part(part, last);
  else if (!part.empty() || last == last_part::yes)
    give(part, last);
}

void session::take_text_part(message_view part, last_part last) {
  const bool is_good = parting_->text.take(part.bytes(), last, [this](std::span<const std::byte> whole, last_part ends) {
    give({message_kind::text, whole}, ends);
  });
  if (!is_good)
    refuse(errc::invalid_text, close_code::invalid_payload);
}

void session::give(message_view part, last_part last) {
  if (state_ != ready_state::open)
    return;
  if (!paused_ && !has_held())
    return events_->on_part(part, last);
  auto& held = parting_->held ? *parting_->held : parting_->held.emplace();
  held.insert(held.end(), part.bytes().begin(), part.bytes().end());
  parting_->held_kind = part.kind();
  parting_->held_last = last;
}

bool session::has_held() const noexcept {
  return parting_ && parting_->held;
}

void session::give_held() {
  const auto held = std::exchange(parting_->held, std::nullopt);
  if (state_ != ready_state::open)
    return;
  consuming_ = true;
  events_->on_part({parting_->held_kind, *held}, parting_->held_last);
  consuming_ = false;
}

// From the engine, where a message comes in several pieces.
void session::on_deflated(message_view part, last_part last) {
  if (state_ != ready_state::open)
    return;
  if (parting_)
    return take_deflated_part(part, last);
  auto result = deflating_->incoming->part(part.bytes());
  if (result == inflated::good && last == last_part::yes)
    result = deflating_->incoming->end();
  if (result != inflated::good || last == last_part::yes)
    inflated_to(part.kind(), result);
}

void session::take_deflated_part(message_view part, last_part last) {
  auto& incoming = *deflating_->incoming;
  inflated_parts out{*this, part.kind()};
  auto result = incoming.part(part.bytes(), out);
  if (result == inflated::good && last == last_part::yes)
    result = incoming.end(out);
  if (!check_inflated(result) || last == last_part::no)
    return;
  incoming.forget();
  parting_->inflated = 0;
  if (state_ == ready_state::open)
    on_part({part.kind(), {}}, last_part::yes);
}

void session::take_deflated(message_view whole) {
  inflated_to(whole.kind(), deflating_->incoming->whole(whole.bytes()));
}

void session::inflated_to(message_kind kind, inflated result) {
  const message_view message{kind, deflating_->incoming->message()};
  if (check_inflated(result)) {
    if (message.is_text() && !is_utf8(message.bytes()))
      refuse(errc::invalid_text, close_code::invalid_payload);
    else
      events_->on_message(message);
  }
  deflating_->incoming->forget();
}

bool session::check_inflated(inflated result) {
  if (result == inflated::too_large)
    refuse(errc::message_too_big, close_code::message_too_big);
  else if (result == inflated::malformed)
    refuse(errc::protocol_violation, close_code::invalid_payload);
  return result == inflated::good;
}

void session::refuse(errc what, close_code code) {
  if (state_ == ready_state::open)
    borrow().refuse(code, {what, make_error_code(what).message()});
}

void session::on_ping(std::string_view payload) {
  events_->on_ping(payload);
}

void session::on_pong(std::string_view payload) {
  events_->on_pong(payload);
}

void session::on_over(close_code code, std::string_view reason, const error* failure) {
  if (ended_) // within a frame of which parts were given
    return;
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
