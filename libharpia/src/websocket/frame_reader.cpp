// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame_reader.hpp"

#include "websocket/masking.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::websocket {

frame_reader::result frame_reader::read(std::span<std::byte> bytes, const piece_limits& limits) noexcept {
  std::size_t head_bytes = 0;
  if (rest_ == 0) {
    std::optional<frame_head> head;
    if (head_size_ == 0) {
      head = read_frame_head(bytes);
      head_bytes = head ? head->size : 0;
    }
    if (!head) { // it is cut: collect it
      while (!head && head_bytes < bytes.size()) {
        head_[head_size_++] = bytes[head_bytes++];
        head = read_frame_head(std::span{head_}.first(head_size_));
      }
      if (!head)
        return {head_bytes, std::nullopt, std::nullopt};
      head_size_ = 0;
    }
    if (const auto fault = check(*head))
      return {head_bytes, std::nullopt, fault};
    begin(*head);
  }
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(rest_, bytes.size() - head_bytes));
  if (code_ <= opcode::binary)
    size = std::min(size, form_ == payload_form::deflated ? limits.deflated : limits.plain);
  return {head_bytes + size, take(bytes.subspan(head_bytes, size)), std::nullopt};
}

std::optional<message_fault> frame_reader::check(const frame_head& head) const noexcept {
  constexpr unsigned rsv1 = 0x40;
  constexpr unsigned reserved = 0x70;
  const auto code = opcode{static_cast<std::uint8_t>(head.first & 0x0FU)};
  if (head.is_masked() != (peer_ == side::client))
    return protocol_fault(peer_ == side::client ? "a client's frame is not masked" : "a server's frame is masked");
  if (!head.is_shortest() || head.payload_size >> 63U != 0)
    return protocol_fault("the length of a frame is malformed");
  switch (code) {
    case opcode::text:
    case opcode::binary:
      if (message_ != opcode::continuation)
        return protocol_fault("a message begins within another one");
      if ((head.first & (deflated_allowed_ == deflate_agreed::yes ? reserved & ~rsv1 : reserved)) != 0)
        return protocol_fault("a reserved bit is set");
      return std::nullopt;
    case opcode::continuation:
      if (message_ == opcode::continuation)
        return protocol_fault("a continuation frame continues nothing");
      break;
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      if (!head.is_final())
        return protocol_fault("a control frame is fragmented");
      if (head.payload_size > max_control_payload)
        return protocol_fault("a control frame is too long");
      break;
    default: return protocol_fault("a frame has an unknown opcode");
  }
  return (head.first & reserved) != 0 ? std::optional{protocol_fault("a reserved bit is set")} : std::nullopt;
}

void frame_reader::begin(const frame_head& head) noexcept {
  code_ = opcode{static_cast<std::uint8_t>(head.first & 0x0FU)};
  rest_ = head.payload_size;
  mask_ = head.mask;
  is_final_ = head.is_final();
  begins_ = code_ != opcode::continuation;
  if (code_ == opcode::text || code_ == opcode::binary) {
    message_ = code_;
    form_ = payload_form{static_cast<std::uint8_t>(head.first & 0x40U)};
  }
}

// Takes the next bytes of the current frame.
frame_piece frame_reader::take(std::span<std::byte> payload) noexcept {
  rest_ -= payload.size();
  if (peer_ == side::client && !payload.empty()) {
    apply_mask(payload, mask_);
    if (rest_ > 0)
      std::rotate(mask_.begin(), mask_.begin() + static_cast<std::ptrdiff_t>(payload.size() % mask_.size()), mask_.end());
  }
  const bool ends = rest_ == 0 && is_final_;
  const bool begins = std::exchange(begins_, false);
  if (code_ >= opcode::close)
    return {code_, payload_form::plain, payload, rest_, begins, ends};
  const frame_piece piece{message_, form_, payload, rest_, begins, ends};
  if (ends)
    message_ = opcode::continuation;
  return piece;
}

} // namespace harpia::inline v0::websocket
