// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame_writer.hpp"

namespace harpia::inline v0::websocket {

void frame_writer::write_masked(std::byte* at, std::string_view payload) const {
  const auto key = keys_->next();
  std::memcpy(at, key.data(), key.size());
  at += key.size();
  if (payload.empty())
    return;
  std::memcpy(at, payload.data(), payload.size());
  apply_mask({at, payload.size()}, key);
}

std::string close_payload(close_code code, std::string_view reason) {
  const auto number = static_cast<unsigned>(code);
  std::string payload{static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
  return payload.append(reason);
}

} // namespace harpia::inline v0::websocket
