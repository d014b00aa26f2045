// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"

#include "support/raw_client.hpp"

#include <array>
#include <optional>

namespace harpia::fuzz {

namespace {

constexpr std::size_t max_stream = std::size_t{128} << 10; // bytes, more or less: what a short script may make

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

// Characters of one to four bytes.
std::string characters(std::string_view choice) {
  constexpr std::array<std::string_view, 4> some{"a", "\xc3\xa9", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80"};
  std::string text;
  for (const char byte : choice)
    text += some[static_cast<std::uint8_t>(byte) % some.size()];
  return text;
}

// What a message becomes that is "compressed" by a block without compression (RFC 1951, 3.2.4; RFC 7692, 7.2.3.3).
std::string stored(std::string_view message) {
  const auto low = static_cast<char>(message.size());
  std::string block{'\0', low, '\0', static_cast<char>(~low), '\xff'};
  return block.append(message).append(1, '\0');
}

std::string encode(unsigned first, std::string payload, std::optional<test::mask_key> mask) {
  auto bytes = test::encode_frame({.payload = std::move(payload)}, mask);
  bytes.front() = static_cast<char>(first);
  return bytes;
}

} // namespace

std::string frames_of(input& script, sender from) {
  const auto right = from == sender::client ? std::optional{test::default_mask} : std::nullopt;
  const auto wrong = right ? std::nullopt : std::optional{test::default_mask};
  std::string stream;
  while (!script.empty() && stream.size() < max_stream) {
    const unsigned first = script.byte();
    const unsigned form = script.byte();
    const auto size = form % 32;
    switch (form / 32) {
      case 0: stream += encode(first, std::string{script.take(size)}, right); break;
      case 1: stream += encode(first, std::string{script.take(size + 32)}, right); break;
      case 2: stream += encode(first, repeated(script.take(size), 16), right); break;
      case 3: stream += encode(first, repeated(script.take(size), 2300), right); break;
      case 4: stream += encode(first, stored(script.take(size)), right); break;
      case 5: stream += encode(first, characters(script.take(size)), right); break;
      case 6: stream += encode(first, std::string{script.take(size)}, wrong); break;
      default: stream.append(1, static_cast<char>(first)).append(script.take(size)); break; // bytes without a frame
    }
  }
  return stream;
}

} // namespace harpia::fuzz
