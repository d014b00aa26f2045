// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/message_view.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace harpia::inline v0 {

/// A message that owns its bytes, for as long as it is needed. A handler that is a coroutine takes it in place of a `message_view`.
///
/// *Thread safety* As that of `std::string`.
class message {
public:
  /// Copies the bytes of a message.
  message(message_view copied) : bytes_{copied.text()}, kind_{copied.kind()} {}

  [[nodiscard]] message_kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_text() const noexcept { return kind_ == message_kind::text; }
  [[nodiscard]] bool is_binary() const noexcept { return kind_ == message_kind::binary; }

  /// Returns the payload as characters: valid UTF-8 if the message was received as text, any bytes if it was binary.
  [[nodiscard]] const std::string& text() const& noexcept { return bytes_; }
  [[nodiscard]] std::string text() && noexcept { return std::move(bytes_); }
  /// Returns the payload as bytes, valid as long as the message.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span{bytes_}); }

  /// Returns the payload's length in bytes.
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  /// A view, valid as long as the message.
  [[nodiscard]] message_view view() const noexcept { return {kind_, bytes()}; }
  operator message_view() const noexcept { return view(); }

private:
  std::string bytes_;
  message_kind kind_;
};

} // namespace harpia::inline v0
