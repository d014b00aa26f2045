// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace harpia {

/// The two kinds of data message (RFC 6455, 5.6).
enum class message_kind : std::uint8_t { text, binary };

/// Whether a part of a message is its last part.
enum class last_part : bool { no, yes };

/// A view of a message or of a part of one. It never owns bytes and is cheap to copy.
///
/// *Lifetimes*: A handler receives a view of each message of its connection. It is valid until the handler returns; bytes that are needed
/// longer must be copied.
class message_view {
public:
  /// Creates a view of a text message.
  /// @param text UTF-8; whoever sends the message checks it
  constexpr message_view(std::string_view text) noexcept : data_{text.data()}, size_and_kind_{text.size()} {}

  /// Creates a view of a binary message.
  message_view(std::span<const std::byte> bytes) noexcept : message_view{message_kind::binary, bytes} {}

  /// Creates a view of a message of `kind` with payload `bytes`.
  message_view(message_kind kind, std::span<const std::byte> bytes) noexcept
      : data_{reinterpret_cast<const char*>(bytes.data())},
        size_and_kind_{bytes.size() | (kind == message_kind::binary ? is_binary_bit : 0)} {}

  [[nodiscard]] constexpr message_kind kind() const noexcept { return is_binary() ? message_kind::binary : message_kind::text; }
  [[nodiscard]] constexpr bool is_text() const noexcept { return !is_binary(); }
  [[nodiscard]] constexpr bool is_binary() const noexcept { return (size_and_kind_ & is_binary_bit) != 0; }

  /// Returns the payload as characters: valid UTF-8 if the message was received as text, any bytes if it was binary.
  [[nodiscard]] constexpr std::string_view text() const noexcept { return {data_, size()}; }

  /// Returns the payload as bytes.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {reinterpret_cast<const std::byte*>(data_), size()}; }

  /// Returns the payload's length in bytes.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_and_kind_ & ~is_binary_bit; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size() == 0; }

private:
  // The highest bit, which no size needs. Two words are passed in registers.
  static constexpr std::size_t is_binary_bit = ~(~std::size_t{0} >> 1U);

  const char* data_;
  std::size_t size_and_kind_;
};

} // namespace harpia
