// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/deflate_extension.hpp"

#include <algorithm>
#include <memory>

namespace harpia::inline v0::websocket {

void deflate_extension::agree(const deflate::deflate_agreement& agreed, side self, deflate::inflaters& shared,
                              std::size_t max_payload) {
  const bool is_client = self == side::client;
  own_ = {is_client ? agreed.client_window_bits : agreed.server_window_bits, options_.level, options_.memory_level};
  own_takeover_ = is_client ? agreed.client_context_takeover : agreed.server_context_takeover;
  incoming_.emplace(shared, is_client ? agreed.server_window_bits : agreed.client_window_bits,
                    is_client ? agreed.server_context_takeover : agreed.client_context_takeover, max_payload);
}

bool deflate_extension::is_worth_deflating(std::size_t size) const noexcept {
  // A server may limit a client to a window of 8 bits, with which zlib cannot compress.
  constexpr int smallest_window = 9;
  return size >= std::max<std::size_t>(options_.threshold, 1) && own_.window_bits >= smallest_window;
}

bool deflate_extension::is_for(outbound_queue& out) const {
  if (own_takeover_ == context_takeover::disabled)
    return false;
  if (!out.deflates())
    out.deflate_with(std::make_unique<frame_deflater>(own_, out.writer()));
  return true;
}

std::optional<memory::byte_buffer>
deflate_extension::deflated(message_view message, const frame_writer& writer, deflate::deflaters& tools) const {
  auto& tool = tools.get(own_);
  const auto payload = tool.deflate(message.text());
  std::optional<memory::byte_buffer> frame;
  if (payload.size() < message.size()) {
    frame.emplace().reserve(writer.size_of(payload.size()));
    writer.append(*frame, opcode_of(message.kind()), payload, payload_form::deflated);
  }
  tool.trim();
  return frame;
}

} // namespace harpia::inline v0::websocket
