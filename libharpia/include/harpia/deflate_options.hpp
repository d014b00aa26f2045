// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <cstdint>

namespace harpia {

/// Whether a compressed message may refer to those before it (RFC 7692, 7.1.1). Similar messages become much smaller then; but every
/// connection keeps what it takes for as long as it lives, and a group's messages are compressed for each member by itself.
enum class context_takeover : std::uint8_t { disabled, enabled };

/// How messages are compressed where `compression` is enabled and the peer agrees (RFC 7692). What is agreed on is never more than
/// this, and less if the peer wants less.
///
/// With context takeover a connection keeps, from its first compressed message on, about 2^(bits+2) + 2^(memory_level+9) bytes to
/// compress with (256 KiB by default), and 2^bits + 8 KiB to inflate with. Without it, these belong to the event loop.
struct deflate_options {
  /// How far back the server's messages refer, as a power of two, in bytes: 9 to 15. A client offers it as what it wants of a server.
  int server_max_window_bits = 15;
  /// The same for the client's messages. A server declines offers that do not let it ask for less than 15.
  int client_max_window_bits = 15;
  /// Of the server's messages. A client that disables it takes no server that does not agree.
  context_takeover server_context_takeover = context_takeover::disabled;
  /// Of the client's messages.
  context_takeover client_context_takeover = context_takeover::disabled;
  /// Of this side's compression: 1 is fastest, 9 smallest, 0 does not compress.
  int level = 6;
  /// Memory for this side's compression, 1 to 9.
  int memory_level = 8;
  /// Messages of fewer bytes travel as they are. What could be saved of them is less than the headers of the packet they travel in.
  std::size_t threshold = 64;
};

/// Refuses what zlib or RFC 7692 knows no meaning for.
/// @throws std::invalid_argument naming the option
HARPIA_API void validate(const deflate_options& options);

/// Asks `send` not to compress: `ws.send(picture, harpia::uncompressed)`, for what is compressed already, or for secrets beside text
/// that a stranger chose (RFC 7692, 8).
struct uncompressed_t {
  explicit uncompressed_t() = default;
};
inline constexpr uncompressed_t uncompressed{};

} // namespace harpia
