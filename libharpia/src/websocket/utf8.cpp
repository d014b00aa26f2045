// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/utf8.hpp"

#include <algorithm>
#include <simdjson.h>

namespace harpia::inline v0::websocket {

bool is_any_utf8(std::span<const std::byte> text) noexcept {
  constexpr std::size_t longest_tiny = 8;
  const auto is_ascii = [](std::byte each) { return each < std::byte{0x80}; };
  if (text.size() <= longest_tiny && std::all_of(text.begin(), text.end(), is_ascii))
    return true;
  return simdjson::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

} // namespace harpia::inline v0::websocket
