// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/option.hpp>

#include <cstddef>
#include <cstdint>

namespace harpia::inline v0 {

/// Whether a compressed message may refer to earlier messages.
///
/// With context takeover, similar messages become much smaller. In return, each connection holds memory for its whole lifetime, see
/// `deflate_options`, and a message to a group is compressed separately for each member.
///
/// *Source*: RFC 7692, 7.1.1.
enum class context_takeover : std::uint8_t { disabled, enabled };

/// How messages are compressed where `compression` is enabled and the peer agrees.
///
/// The negotiated parameters never exceed these options. They are lower if the peer asks for less.
///
/// With context takeover, a connection holds about 2^(window bits + 2) + 2^(memory_level + 9) bytes to compress (256 KiB by default) and
/// 2^(window bits) + 8 KiB to inflate, from its first compressed message on. Without it, this memory belongs to the event loop.
///
/// *Source*: RFC 7692.
struct deflate_options {
  /// Window for the server's messages: how many bytes back they may refer, as a power of two, 9 to 15. A client offers it as the limit
  /// that it asks of the server.
  option<int> server_max_window_bits = option<int>::unset(15);
  /// Window for the client's messages, in the same unit. Below 15, a server declines offers that do not allow it to set this limit.
  option<int> client_max_window_bits = option<int>::unset(15);
  /// Context takeover of the server's messages. A client that disables it refuses a server that accepts the offer without this.
  option<context_takeover> server_context_takeover = option<context_takeover>::unset(context_takeover::disabled);
  /// Context takeover of the client's messages.
  option<context_takeover> client_context_takeover = option<context_takeover>::unset(context_takeover::disabled);
  /// Compression level of this endpoint: 1 is fastest, 9 gives the smallest messages, 0 does not compress.
  option<int> level = option<int>::unset(6);
  /// Memory level of this endpoint's compression, 1 to 9, see above.
  option<int> memory_level = option<int>::unset(8);
  /// Minimum size of a message to compress, in bytes. Smaller messages are sent uncompressed: what compression could save is less than
  /// the headers of the network packet. 0 compresses all messages that are not empty.
  option<std::size_t> threshold = option<std::size_t>::unset(64);
};

/// Checks that each option has a value that zlib supports and RFC 7692 defines.
///
/// *Errors*: Throws `std::invalid_argument` that names the option.
HARPIA_API void validate(const deflate_options& options);

} // namespace harpia::inline v0
