// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "log/log.hpp"

#include "log/escape.hpp"

#include <cstdio>
#include <string>

namespace harpia::detail {

void log(std::string_view line) {
  std::string text = "harpia: ";
  for (const char c : line)
    is_control(c) ? append_escaped(text, c) : text.push_back(c);
  text.push_back('\n');
  std::fwrite(text.data(), 1, text.size(), stderr); // one call: the stream's lock keeps lines whole
}

} // namespace harpia::detail
