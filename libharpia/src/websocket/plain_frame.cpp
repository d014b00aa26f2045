// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/plain_frame.hpp"

#include "websocket/frame_head.hpp"
#include "websocket/masking.hpp"
#include "websocket/utf8.hpp"

#include "websocket/frame.hpp"

namespace harpia::websocket {

std::optional<plain_frame> read_deflated_frame(std::span<std::byte> bytes, side sender) noexcept {
  const auto head = read_frame_head(bytes);
  if (!head || !head->is_whole_deflated_message() || !head->is_shortest() || head->is_masked() != (sender == side::client)
      || head->payload_size > bytes.size() - head->size)
    return std::nullopt;
  const auto payload = bytes.subspan(head->size, static_cast<std::size_t>(head->payload_size));
  if (head->is_masked())
    apply_mask(payload, head->mask);
  return plain_frame{{head->is_text() ? message_kind::text : message_kind::binary, payload}, head->size + payload.size()};
}

std::optional<plain_frame> read_plain_frame(std::span<std::byte> bytes, side sender, std::size_t max_payload) noexcept {
  const auto head = read_frame_head(bytes);
  if (!head || !head->is_whole_message() || !head->is_shortest())
    return std::nullopt;
  if (head->is_masked() != (sender == side::client) || head->payload_size > max_payload
      || head->payload_size > bytes.size() - head->size)
    return std::nullopt;
  const auto payload = bytes.subspan(head->size, static_cast<std::size_t>(head->payload_size));
  if (head->is_masked())
    apply_mask(payload, head->mask);
  if (head->is_text() && !is_utf8(payload)) {
    if (head->is_masked())
      apply_mask(payload, head->mask);
    return std::nullopt;
  }
  return plain_frame{{head->is_text() ? message_kind::text : message_kind::binary, payload}, head->size + payload.size()};
}

std::optional<plain_close> read_plain_close(std::span<std::byte> bytes, side sender) noexcept {
  constexpr std::size_t code_size = 2;
  const auto head = read_frame_head(bytes);
  if (!head || !head->is_close() || head->payload_size > max_control_payload || head->payload_size == 1
      || head->is_masked() != (sender == side::client) || head->payload_size > bytes.size() - head->size)
    return std::nullopt;
  const auto payload = bytes.subspan(head->size, static_cast<std::size_t>(head->payload_size));
  const auto size = head->size + payload.size();
  if (payload.empty())
    return plain_close{close_code::no_status, {}, size};
  if (head->is_masked())
    apply_mask(payload, head->mask);
  const auto number = std::to_integer<unsigned>(payload[0]) << 8U | std::to_integer<unsigned>(payload[1]);
  const auto code = close_code{static_cast<std::uint16_t>(number)};
  const auto reason = payload.subspan(code_size);
  // Beast refuses 1014. Beast also handles everything that is fragmented.
  if (!is_sendable(code) || code == close_code::bad_gateway || !is_utf8(reason)) {
    if (head->is_masked())
      apply_mask(payload, head->mask);
    return std::nullopt;
  }
  return plain_close{code, {reinterpret_cast<const char*>(reason.data()), reason.size()}, size};
}

} // namespace harpia::websocket
