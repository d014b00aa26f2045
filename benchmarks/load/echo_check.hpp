// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection.hpp"

namespace load {

/// Compares every byte that comes back with what was sent. One per thread.
class echo_check {
public:
  explicit echo_check(const message_pattern& pattern) : pattern_(pattern) {}

  void payload(std::uint32_t expected, std::size_t offset, std::string_view chunk) const {
    if (!pattern_.matches(expected, offset, chunk))
      throw std::runtime_error{"a wrong echo: at byte " + std::to_string(offset) + " of the message came '"
                               + std::string{chunk.substr(0, 40)} + "', which was not sent, or not now"};
  }

  void message(opcode kind, std::size_t length) const {
    if (length != pattern_.echo_size())
      throw std::runtime_error{
          "a wrong echo: of " + std::to_string(pattern_.echo_size()) + " bytes came back " + std::to_string(length)};
    if (kind != opcode::continuation && kind != pattern_.kind())
      throw std::runtime_error{"a wrong echo: text came back as binary, or binary as text"};
  }

private:
  const message_pattern& pattern_;
};

} // namespace load
