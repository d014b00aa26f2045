// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "memory/byte_buffer.hpp"
#include "websocket/frame.hpp"
#include <harpia/message_view.hpp>

namespace harpia::inline v0::websocket {

/// Compresses messages with context takeover (RFC 7692, 7.1.1). Each frame must reach the peer, in the order of the calls. Not thread-safe.
class frame_deflater {
public:
  frame_deflater(const deflate::deflate_settings& settings, const frame_writer& writer) : deflater_{settings}, writer_{writer} {}

  [[nodiscard]] memory::byte_buffer encode(message_view message) {
    memory::byte_buffer encoded;
    writer_.append(encoded, opcode_of(message.kind()), deflater_.deflate(message.text()), payload_form::deflated);
    deflater_.trim();
    return encoded;
  }

private:
  deflate::deflater deflater_;
  frame_writer writer_;
};

} // namespace harpia::inline v0::websocket
