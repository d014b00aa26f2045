// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/utf8.hpp"
#include <harpia/close_code.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace harpia::inline v0::websocket {

/// Returns as much of `text` as a close frame can carry, in whole characters; nothing if it is no UTF-8.
[[nodiscard]] inline std::string_view as_close_reason(std::string_view text) noexcept {
  auto size = std::min(text.size(), max_close_reason);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  text = text.substr(0, size);
  return is_utf8(std::as_bytes(std::span{text})) ? text : std::string_view{};
}

} // namespace harpia::inline v0::websocket
