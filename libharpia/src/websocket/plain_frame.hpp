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

/// A side of a connection. A client masks its frames, a server does not (RFC 6455, 5.1).
enum class side : std::uint8_t { server, client };

/// An unfragmented message.
struct plain_frame {
  message_view message; // refers to the bytes it was parsed from
  std::size_t size;     // of the frame, in bytes
};

/// Parses the frame at the beginning of `bytes` if it is plain: complete, unfragmented, uncompressed, valid, with a payload of at most
/// `max_payload` bytes. Unmasks the payload in place.
/// @return nothing if it is anything else; `bytes` are unchanged then
[[nodiscard]] std::optional<plain_frame>
read_plain_frame(std::span<std::byte> bytes, side sender, std::size_t max_payload) noexcept;

/// Parses an unfragmented compressed message (RFC 7692, 6) in the same way. The result is the compressed payload, of any length.
[[nodiscard]] std::optional<plain_frame> read_deflated_frame(std::span<std::byte> bytes, side sender) noexcept;

/// A valid close frame.
struct plain_close {
  close_code code;         // `no_status` if it has none
  std::string_view reason; // refers to the bytes it was parsed from
  std::size_t size;        // of the frame, in bytes
};

/// Parses a close frame in the same way: complete, with a sendable code, if it has one, and a reason in UTF-8 (RFC 6455, 5.5.1).
[[nodiscard]] std::optional<plain_close> read_plain_close(std::span<std::byte> bytes, side sender) noexcept;

} // namespace harpia::websocket
