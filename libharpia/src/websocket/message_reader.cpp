// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_reader.hpp"

#include "deflate/inflater.hpp"
#include "websocket/buffer_pool.hpp"
#include "websocket/text_parts.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace harpia::inline v0::websocket {

namespace {

// Of a message that is delivered in parts. What a piece of a compressed one inflates to, a mebibyte at most, is held if the program wants no
// part then.
constexpr frame_reader::piece_limits part_limits{.plain = std::size_t{64} << 10, .deflated = 1024};

constexpr message_kind kind_of(opcode code) noexcept {
  return code == opcode::text ? message_kind::text : message_kind::binary;
}

constexpr last_part last_of(const frame_piece& piece) noexcept {
  return piece.ends ? last_part::yes : last_part::no;
}

} // namespace

// What has been received of a message, and of a control frame within it.
struct message_reader::unfinished {
  memory::byte_buffer message; // bounded by max_payload_
  text_parts text;             // checks the message if it is text
  std::string control;         // bounded by max_control_payload
};

message_reader::message_reader(messages given, std::size_t max_payload, buffer_pool& buffers)
    : buffers_{&buffers}, parts_{given == messages::in_parts ? std::make_unique<message_parts>() : nullptr},
      max_payload_{max_payload} {}

message_reader::~message_reader() = default;

void message_reader::inflate_with(deflate::message_inflater& incoming) noexcept {
  incoming_ = &incoming;
  frames_.allow_deflated();
}

std::size_t message_reader::read_any(std::span<std::byte> bytes, reader_events& to) {
  const auto [size, piece, fault] = frames_.read(bytes, parts_ ? part_limits : frame_reader::piece_limits{});
  if (piece)
    take(*piece, to);
  else if (fault)
    to.on_fault(*fault);
  return size;
}

void message_reader::take(const frame_piece& piece, reader_events& to) {
  if (piece.is_control())
    take_control(piece, to);
  else if (discards_)
    forget_message();
  else if (piece.form == payload_form::deflated)
    take_deflated(piece, to);
  else
    take_plain(piece, to);
}

void message_reader::take_control(const frame_piece& piece, reader_events& to) {
  std::string collected;
  std::string_view payload{reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size()};
  if (!piece.is_whole()) {
    begun().control.append(payload);
    if (!piece.ends)
      return;
    collected = std::exchange(unfinished_->control, {});
    payload = collected;
    if (unfinished_->message.empty())
      unfinished_.reset();
  }
  if (piece.code != opcode::close)
    return to.on_control(piece.code, payload);
  if (payload.empty())
    return to.on_close(close_code::no_status, {});
  if (payload.size() == 1)
    return to.on_fault(protocol_fault("a close frame has half a code"));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(payload[i])); };
  const auto code = close_code{static_cast<std::uint16_t>(byte(0) << 8U | byte(1))};
  const auto reason = payload.substr(2);
  if (!is_sendable(code))
    return to.on_fault(protocol_fault("a close frame has a code that must not be sent"));
  if (!is_utf8(std::as_bytes(std::span{reason})))
    return to.on_fault({errc::invalid_text, close_code::invalid_payload, "the reason of a close frame"});
  to.on_close(code, reason);
}

void message_reader::take_deflated(const frame_piece& piece, reader_events& to) {
  const message_view bytes{kind_of(piece.code), piece.payload};
  if (parts_) {
    if (const auto fault = parts_->take_deflated(bytes, last_of(piece), *incoming_, to))
      to.on_fault(*fault);
    return;
  }
  auto result = piece.is_whole() ? incoming_->whole(piece.payload) : incoming_->part(piece.payload);
  if (!piece.is_whole() && piece.ends && result == deflate::inflated::good)
    result = incoming_->end();
  if (result == deflate::inflated::good && !piece.ends)
    return;
  const message_view message{bytes.kind(), incoming_->message()};
  if (const auto fault = fault_of(result, message))
    to.on_fault(*fault);
  else
    to.on_message(message);
  incoming_->forget();
}

void message_reader::take_plain(const frame_piece& piece, reader_events& to) {
  size_ = (piece.begins ? 0 : size_) + piece.payload.size();
  if (size_ + piece.rest > max_payload_)
    return to.on_fault(message_too_big);
  const message_view bytes{kind_of(piece.code), piece.payload};
  if (parts_) {
    if (const auto fault = parts_->take(bytes, last_of(piece), to))
      to.on_fault(*fault);
  } else if (!piece.is_whole()) {
    append(piece, to);
  } else if (bytes.is_text() && !is_utf8(piece.payload)) {
    to.on_fault(invalid_text);
  } else {
    to.on_message(bytes);
  }
}

// Appends a piece to the message, unless it was read into its memory already, and delivers the message if that was the last.
void message_reader::append(const frame_piece& piece, reader_events& to) {
  auto& [message, text, control] = begun();
  if (piece.code == opcode::text && !text.take(piece.payload, last_of(piece), [](auto, auto) {}))
    return to.on_fault(invalid_text);
  const auto spare = message.spare();
  if (!piece.payload.empty() && !spare.empty() && piece.payload.data() == spare.data()) {
    message.extend(piece.payload.size());
  } else if (!piece.payload.empty()) {
    // As much as is announced, but no more than twice what has been received.
    reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size_ + piece.rest, std::uint64_t{2} * size_)));
    message.append(piece.payload);
  }
  if (!piece.ends)
    return;
  auto whole = std::move(unfinished_);
  to.on_message({kind_of(piece.code), whole->message.bytes()});
  buffers_->give(std::move(whole->message));
}

std::span<std::byte> message_reader::target() {
  if (!has_target())
    return {};
  auto& message = unfinished_->message;
  if (message.spare().size() < std::min<std::uint64_t>(frames_.rest(), worth_reading_directly))
    reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size_ + frames_.rest(), std::uint64_t{2} * size_)));
  return message.spare().first(static_cast<std::size_t>(std::min<std::uint64_t>(frames_.rest(), message.spare().size())));
}

// Makes room for `capacity` bytes of the message in all.
void message_reader::reserve(std::size_t capacity) {
  auto& message = unfinished_->message;
  if (capacity < memory::byte_buffer::mapped_size || message.capacity() >= memory::byte_buffer::mapped_size)
    return message.reserve(capacity);
  auto larger = buffers_->take(capacity);
  larger.append(message.bytes());
  message = std::move(larger);
}

message_reader::unfinished& message_reader::begun() {
  if (!unfinished_)
    unfinished_ = std::make_unique<unfinished>();
  return *unfinished_;
}

void message_reader::forget_message() noexcept {
  unfinished_.reset();
  if (incoming_)
    incoming_->forget();
}

} // namespace harpia::inline v0::websocket
