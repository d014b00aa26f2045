// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/plain_frame.hpp>

#include "frame_head.hpp"
#include "masking.hpp"
#include "utf8.hpp"

namespace harpia::protocol {

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

} // namespace harpia::protocol
