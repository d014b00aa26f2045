// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "input.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace harpia::fuzz {

/// What one end of a connection says to the other: a text whose every byte follows from its place, so that nothing has to be kept of it.
class known_text {
public:
  /// The bytes from `place` on.
  [[nodiscard]] static std::string part(std::size_t place, std::size_t size) {
    std::string text(size, '\0');
    for (auto& byte : text) {
      byte = static_cast<char>((place * 131 + place / 256) & 0xFFU);
      ++place;
    }
    return text;
  }

  /// So many bytes more are said, or will be.
  void say(std::size_t size) noexcept { said_ += size; }
  /// The other end got this.
  void hear(std::string_view text) {
    require(text.size() <= said_ - heard_, "nothing is heard that was not said");
    require(text == part(heard_, text.size()), "what is heard is what was said");
    heard_ += text.size();
  }

  [[nodiscard]] std::size_t said() const noexcept { return said_; }
  [[nodiscard]] bool is_heard() const noexcept { return heard_ == said_; }

private:
  std::size_t said_ = 0;
  std::size_t heard_ = 0;
};

} // namespace harpia::fuzz
