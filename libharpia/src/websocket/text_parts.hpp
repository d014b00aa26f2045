// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/utf8.hpp"

#include <harpia/message_view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace harpia::inline v0::websocket {

/// Splits a text that arrives in arbitrary pieces between its characters (RFC 3629).
class text_parts {
public:
  /// Calls `give(std::span<const std::byte>, last_part)` with the complete characters, at most twice. Keeps an incomplete character at the
  /// end for the next call. The last part of a text may be empty.
  /// @return whether it is UTF-8 so far
  template <class Give>
  [[nodiscard]] bool take(std::span<const std::byte> piece, last_part last, Give give) {
    if (kept_size_ > 0) {
      piece = piece.subspan(complete(piece));
      if (kept_size_ < size_of(kept_.front()))
        return last == last_part::no && may_become_character();
      const auto character = kept_;
      const auto whole = std::span{character}.first(std::exchange(kept_size_, 0));
      if (!is_any_utf8(whole))
        return false;
      const bool is_all = piece.empty();
      give(whole, is_all ? last : last_part::no);
      if (is_all)
        return true;
    }
    const auto rest = last == last_part::yes ? 0 : size_of_rest(piece);
    const auto text = piece.first(piece.size() - rest);
    if (!is_utf8(text))
      return false;
    kept_size_ = 0;
    complete(piece.last(rest));
    if (!text.empty() || last == last_part::yes)
      give(text, last);
    return kept_size_ == 0 || may_become_character();
  }

private:
  // Bytes of a character that begins with `first`, if it is a valid first byte.
  static std::size_t size_of(std::byte first) noexcept {
    return first >= std::byte{0xF0} ? 4 : first >= std::byte{0xE0} ? 3 : first >= std::byte{0xC0} ? 2 : 1;
  }

  // Number of bytes at the end that are an incomplete character.
  static std::size_t size_of_rest(std::span<const std::byte> piece) noexcept {
    constexpr std::size_t most = 3;
    for (std::size_t size = 1; size <= std::min(piece.size(), most); ++size) {
      const auto byte = piece[piece.size() - size];
      if (byte < std::byte{0x80} || byte >= std::byte{0xC0})
        return size_of(byte) > size ? size : 0;
    }
    return 0;
  }

  // Whether the kept bytes are the beginning of a valid character (Unicode 15, table 3-7).
  [[nodiscard]] bool may_become_character() const noexcept {
    const auto is_within = [](std::byte byte, int low, int high) { return byte >= std::byte(low) && byte <= std::byte(high); };
    const auto first = kept_[0];
    if (!is_within(first, 0xC2, 0xF4))
      return false;
    const int low = first == std::byte{0xE0} ? 0xA0 : first == std::byte{0xF0} ? 0x90 : 0x80;
    const int high = first == std::byte{0xED} ? 0x9F : first == std::byte{0xF4} ? 0x8F : 0xBF;
    return (kept_size_ < 2 || is_within(kept_[1], low, high)) && (kept_size_ < 3 || is_within(kept_[2], 0x80, 0xBF));
  }

  // Appends to the kept character. Returns the number of bytes taken from `piece`.
  std::size_t complete(std::span<const std::byte> piece) noexcept {
    std::size_t taken = 0;
    while (taken < piece.size() && (kept_size_ == 0 || kept_size_ < size_of(kept_.front())))
      kept_[kept_size_++] = piece[taken++];
    return taken;
  }

  std::array<std::byte, 4> kept_{}; // an incomplete character
  std::size_t kept_size_ = 0;
};

} // namespace harpia::inline v0::websocket
