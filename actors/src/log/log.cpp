// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "log/log.hpp"

#include <cstdio>
#include <string>

namespace harpia::detail {

void log(std::string_view line) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "harpia: ";
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      text.append({'\\', 'x', digits[byte >> 4], digits[byte & 0xF]});
    else
      text.push_back(c);
  }
  text.push_back('\n');
  std::fwrite(text.data(), 1, text.size(), stderr); // one call: the stream's lock keeps lines whole
}

} // namespace harpia::detail
