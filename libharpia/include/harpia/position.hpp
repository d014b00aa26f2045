// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0 {

/// A place in the history of a group: behind the message with this offset. Positions of one group and epoch are ordered; positions of
/// different epochs belong to different histories and are not comparable. Programs keep positions and hand them back, and read nothing
/// out of them.
///
/// *Thread safety*: a value.
struct position {
  /// The largest epoch: 48 bits.
  static constexpr std::uint64_t max_epoch = (std::uint64_t{1} << 48U) - 1;

  std::uint64_t epoch = 0;  ///< which history, a random number from 1 to `max_epoch`; 0: none
  std::uint64_t offset = 0; ///< of a message: 1, 2, 3 … without gaps; 0: before the first message

  /// Reads the text that `to_string` writes.
  /// @return nothing if `text` is anything else, such as another spelling of the same numbers
  [[nodiscard]] static HARPIA_API std::optional<position> parse(std::string_view text) noexcept;

  friend bool operator==(const position&, const position&) = default;
  /// @return `unordered` for positions of different epochs
  friend std::partial_ordering operator<=>(const position& left, const position& right) noexcept {
    if (left.epoch != right.epoch)
      return std::partial_ordering::unordered;
    return left.offset <=> right.offset;
  }
};

/// Returns epoch and offset as text, such as `3f9a1c.1042`: the epoch in lower-case hexadecimal digits, the offset in decimal ones.
[[nodiscard]] HARPIA_API std::string to_string(const position& where);

} // namespace harpia::inline v0
