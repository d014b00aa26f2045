// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace harpia::websocket {

/// Who speaks: a client masks its frames, a server does not (RFC 6455, 5.1).
enum class side : std::uint8_t { server, client };

/// A message that came in one frame.
struct plain_frame {
  message_view message; // inside of the bytes it was read from
  std::size_t size;     // of the frame, in bytes
};

/// Reads the frame that `bytes` begin with if it is a plain one: whole, a message by itself, uncompressed, at most `max_payload` long,
/// and without fault. Its payload is unmasked in place.
/// @return nothing if it is anything else; then `bytes` are as they were
[[nodiscard]] std::optional<plain_frame>
read_plain_frame(std::span<std::byte> bytes, side sender, std::size_t max_payload) noexcept;

/// Reads a frame in the same way that is a compressed message by itself (RFC 7692, 6): the message is its payload as it came, of any
/// length.
[[nodiscard]] std::optional<plain_frame> read_deflated_frame(std::span<std::byte> bytes, side sender) noexcept;

/// A close frame that came as it should.
struct plain_close {
  close_code code;         // `no_status` if it has none
  std::string_view reason; // inside of the bytes it was read from
  std::size_t size;        // of the frame, in bytes
};

/// Reads a close frame in the same way: whole, with a code that may be sent, if it has one, and a reason in UTF-8 (RFC 6455, 5.5.1).
[[nodiscard]] std::optional<plain_close> read_plain_close(std::span<std::byte> bytes, side sender) noexcept;

} // namespace harpia::websocket
