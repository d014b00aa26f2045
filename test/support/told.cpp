// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/told.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace harpia::test {

std::string to_string(const told& event) {
  constexpr std::array<std::string_view, 7> names{"text", "binary", "ping", "pong", "closed", "lost", "failed"};
  constexpr std::array<std::string_view, 7> faults{"", "frame", "close code", "close reason", "text", "size", "compression"};
  constexpr std::size_t shown = 40; // bytes
  std::string line{names.at(static_cast<std::size_t>(event.what))};
  if (event.code != 0)
    line.append(" ").append(std::to_string(event.code));
  if (event.why != fault::none)
    line.append(" (").append(faults.at(static_cast<std::size_t>(event.why))).append(": ").append(event.words).append(")");
  if (!event.payload.empty())
    line.append(" of ").append(std::to_string(event.payload.size())).append(" bytes: ").append(event.payload.substr(0, shown));
  return line;
}

} // namespace harpia::test
