// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "testing/peer.hpp"

#include "testing/simulation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0::testing {

peer::peer(std::weak_ptr<simulation> world, kind what, std::string name, std::size_t kernel_buffer)
    : world_{std::move(world)}, kind_{what}, name_{std::move(name)},
      connection_{std::make_shared<memory_connection>(kernel_buffer, [this] { wake(); })} {}

peer::~peer() {
  connection_->forget_test();
}

std::shared_ptr<simulation> peer::world() const {
  auto world = world_.lock();
  if (!world)
    throw std::logic_error{name_ + " has outlived its world"};
  return world;
}

void peer::wake() {
  if (!listed && (can_deliver() || can_take()))
    if (const auto world = world_.lock())
      world->list(*this);
}

bool peer::can_deliver() const noexcept {
  if (vanished_ || end_delivered_)
    return false;
  return outgoing_.empty() ? ends_after_output_ : connection_->space() > 0;
}

void peer::deliver(std::size_t most) {
  if (outgoing_.empty()) {
    end_delivered_ = true;
    return connection_->deliver_end();
  }
  const auto size = std::min({most, outgoing_.size(), connection_->space()});
  connection_->deliver(std::string_view{outgoing_}.substr(0, size));
  outgoing_.erase(0, size);
}

bool peer::can_take() const noexcept {
  return reading_ && !vanished_ && !end_received_
         && (connection_->has_written() || connection_->application_ended() || connection_->was_reset());
}

void peer::take() {
  incoming_ += connection_->take_written();
  parse();
  if (connection_->application_ended() || connection_->was_reset())
    on_end();
}

void peer::parse() {
  if (kind_ == kind::server)
    take_request();
  else
    take_answer();
  if (!upgraded_)
    return;
  std::size_t parsed = 0;
  while (const auto frame = first_frame(std::string_view{incoming_}.substr(parsed), other(plays()))) {
    take_frame(*frame);
    parsed += frame->size;
  }
  incoming_.erase(0, parsed);
}

void peer::take_answer() {
  if (answered_)
    return;
  if (!answer_) {
    const auto end = incoming_.find("\r\n\r\n");
    if (end == incoming_.npos)
      return;
    answer_ = parse_head(std::string_view{incoming_}.substr(0, end + 4));
    incoming_.erase(0, end + 4);
  }
  if (answer_->status == 101 && kind_ == kind::websocket) {
    check_upgrade(*answer_, offer_);
    answered_ = upgraded_ = true;
    return;
  }
  if (asks_for_head_ || answer_->status == 204 || answer_->status == 304) {
    // It has no body.
  } else if (const auto* length = find_field(answer_->headers, "Content-Length")) {
    if (incoming_.size() < std::stoul(*length))
      return;
    answer_->body = std::exchange(incoming_, {});
  } else {
    auto body = decode_chunks(incoming_);
    if (!body)
      return;
    answer_->body = *std::move(body);
    incoming_.clear();
  }
  answered_ = true;
  ends_after_output_ = true;
  wake();
}

void peer::take_request() {
  if (request_)
    return;
  const auto end = incoming_.find("\r\n\r\n");
  if (end == incoming_.npos)
    return;
  request_ = parse_request(std::string_view{incoming_}.substr(0, end + 4));
  incoming_.erase(0, end + 4);
}

void peer::accept(const header_fields& headers) {
  send_raw(upgrade_answer(*request_, headers));
  answered_ = upgraded_ = true;
}

void peer::refuse(int status) {
  send_raw(refusal(status));
  answer_ = http_response{.status = status};
  answered_ = true;
  ends_after_output_ = true;
  wake();
}

void peer::take_frame(const received_frame& frame) {
  if (ending_)
    throw std::runtime_error{description() + ": received a frame after the close frame"};
  switch (frame.opcode) {
    case opcode::continuation:
    case opcode::text:
    case opcode::binary: return take_data(frame);
    case opcode::ping: return send_frame(opcode::pong, frame.payload);
    case opcode::pong: pongs.emplace_back(frame.payload); return;
    case opcode::close:
      close(frame.payload);
      ending_ = decode_closing(frame.payload, other(plays()));
      return;
    default:
      throw std::runtime_error{description() + ": received a frame with the reserved opcode " + std::to_string(frame.opcode)};
  }
}

void peer::take_data(const received_frame& frame) {
  if ((frame.opcode == opcode::continuation) != fragments_.has_value())
    throw std::runtime_error{description() + ": received fragments in the wrong order"};
  if (!fragments_)
    fragments_ = message{frame.opcode, {}};
  fragments_->payload += frame.payload;
  if (frame.final)
    messages.push_back(*std::exchange(fragments_, std::nullopt));
}

void peer::on_end() {
  end_received_ = true;
  if (upgraded_ && !ending_)
    ending_ = ending{close_code::abnormal, {}};
  if (!connection_->was_reset())
    ends_after_output_ = true;
  wake();
}

void peer::send_request(std::string_view request) {
  asks_for_head_ = request.starts_with("HEAD ");
  if (request.find("\r\nSec-WebSocket-Extensions:") != request.npos)
    offer_ = extensions::offered; // by the test's own field: the test handles the negotiated extensions
  send_raw(request);
}

void peer::send_raw(std::string_view bytes) {
  if (ends_after_output_ || end_received_)
    return;
  outgoing_ += bytes;
  wake();
}

void peer::send_frame(unsigned opcode, std::string_view payload) {
  if (!closing_)
    send_raw(encode_frame({.opcode = opcode, .payload = std::string{payload}}, plays()));
}

void peer::close(std::string_view payload) {
  send_frame(opcode::close, payload);
  closing_ = true;
}

void peer::cut() {
  ends_after_output_ = true;
  if (!end_received_ && upgraded_ && !ending_)
    ending_ = ending{close_code::abnormal, {}};
  end_received_ = true; // the test reads no more
  wake();
}

void peer::reset() {
  outgoing_.clear();
  end_delivered_ = true;
  connection_->deliver_reset();
  on_end();
}

void peer::set_reading(memory_connection::reading state) {
  reading_ = state == memory_connection::reading::going_on;
  connection_->set_reading(state);
  wake();
}

std::string peer::description() const {
  auto text = name_;
  if (ending_)
    return text + " (closed with " + std::to_string(static_cast<unsigned>(ending_->code)) + " '" + ending_->reason + "')";
  if (answered_ && !upgraded_)
    return text + " (refused with " + std::to_string(answer_->status) + ")";
  return text + (is_open() ? " (open)" : end_received_ ? " (ended without an answer)" : " (waits for an answer)");
}

} // namespace harpia::inline v0::testing
