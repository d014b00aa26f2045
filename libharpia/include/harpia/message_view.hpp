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

/// Whether a part of a message is the last one.
enum class last_part : bool { no, yes };

/// A message, or a part of one, borrowed from whoever shows it.
///
/// A handler gets one for every message that its connection receives; it is valid until that handler returns, so copy what
/// shall live longer. It never owns bytes and is cheap to copy.
class message_view {
public:
  /// A text message; `text` must be UTF-8, which is not checked here.
  constexpr message_view(std::string_view text) noexcept : data_{text.data()}, size_{text.size()}, kind_{message_kind::text} {}

  /// A binary message.
  message_view(std::span<const std::byte> bytes) noexcept : message_view{message_kind::binary, bytes} {}

  /// A message of `kind` whose payload is `bytes`.
  message_view(message_kind kind, std::span<const std::byte> bytes) noexcept
      : data_{reinterpret_cast<const char*>(bytes.data())}, size_{bytes.size()}, kind_{kind} {}

  [[nodiscard]] constexpr message_kind kind() const noexcept { return kind_; }
  [[nodiscard]] constexpr bool is_text() const noexcept { return kind_ == message_kind::text; }
  [[nodiscard]] constexpr bool is_binary() const noexcept { return kind_ == message_kind::binary; }

  /// The payload as characters: valid UTF-8 if the message was received as text, whatever was sent if it was binary.
  [[nodiscard]] constexpr std::string_view text() const noexcept { return {data_, size_}; }

  /// The payload as bytes.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {reinterpret_cast<const std::byte*>(data_), size_}; }

  /// The payload's length in bytes.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

private:
  const char* data_;
  std::size_t size_;
  message_kind kind_;
};

} // namespace harpia
