// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

/// The two kinds of data message (RFC 6455, 5.6).
enum class message_kind : std::uint8_t { text, binary };

/// Whether a part of a message is its last part.
enum class last_part : bool { no, yes };

class message_view;

namespace detail {

template <class T>
using row_element = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(std::declval<const T&>()))>>;

/// Characters in a row that are no string: `std::vector<char>`, `std::u8string`, `std::span<char>`.
template <class T>
concept characters = requires(const T& payload) {
  { std::size(payload) } -> std::convertible_to<std::size_t>;
  requires std::same_as < row_element<T>,
  char > || std::same_as<row_element<T>, char8_t>;
};

/// Bytes in a row: `std::span<std::byte>`, `std::vector<unsigned char>`, `std::array<std::uint8_t, 4>`.
template <class T>
concept bytes = requires(const T& payload) {
  { std::size(payload) } -> std::convertible_to<std::size_t>;
  requires std::same_as<row_element<T>, std::byte> || std::same_as < row_element<T>,
  unsigned char > ;
};

/// What a message may be made of, beside another view.
template <class T>
concept payload =
    !std::same_as<T, message_view> && (std::convertible_to<const T&, std::string_view> || characters<T> || bytes<T>);

} // namespace detail

/// A view of a message or of a part of one. It never owns bytes and is cheap to copy.
///
/// It is made of whatever is text or bytes: strings and other rows of `char` or `char8_t` are text messages, rows of `std::byte` or
/// `unsigned char` are binary messages. Text is UTF-8; whoever sends the message checks it.
///
/// *Lifetimes*: A handler receives a view of each message of its connection. It is valid until the handler returns; bytes that are needed
/// longer must be copied.
class message_view {
public:
  /// Creates a view of a message whose kind is that of `payload`.
  template <detail::payload Payload>
  constexpr message_view(const Payload& payload) noexcept {
    if constexpr (std::convertible_to<const Payload&, std::string_view>) {
      const std::string_view text = payload;
      data_ = text.data();
      size_and_kind_ = text.size();
    } else {
      const std::span elements{std::data(payload), std::size(payload)};
      data_ = reinterpret_cast<const char*>(elements.data());
      size_and_kind_ = elements.size() | (detail::bytes<Payload> ? is_binary_bit : 0);
    }
  }

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

} // namespace harpia::inline v0
