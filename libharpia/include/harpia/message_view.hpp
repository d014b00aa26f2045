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
  constexpr message_view(std::string_view text) noexcept : data_{text.data()}, size_{text.size()}, kind_{message_kind::text} {}

  /// Creates a view of a binary message.
  message_view(std::span<const std::byte> bytes) noexcept : message_view{message_kind::binary, bytes} {}

  /// Creates a view of a message of `kind` with payload `bytes`.
  message_view(message_kind kind, std::span<const std::byte> bytes) noexcept
      : data_{reinterpret_cast<const char*>(bytes.data())}, size_{bytes.size()}, kind_{kind} {}

  [[nodiscard]] constexpr message_kind kind() const noexcept { return kind_; }
  [[nodiscard]] constexpr bool is_text() const noexcept { return kind_ == message_kind::text; }
  [[nodiscard]] constexpr bool is_binary() const noexcept { return kind_ == message_kind::binary; }

  /// Returns the payload as characters: valid UTF-8 if the message was received as text, any bytes if it was binary.
  [[nodiscard]] constexpr std::string_view text() const noexcept { return {data_, size_}; }

  /// Returns the payload as bytes.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {reinterpret_cast<const std::byte*>(data_), size_}; }

  /// Returns the payload's length in bytes.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

private:
  const char* data_;
  std::size_t size_;
  message_kind kind_;
};

} // namespace harpia
