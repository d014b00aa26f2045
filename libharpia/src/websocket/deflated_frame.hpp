// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "websocket/plain_frame.hpp"
#include <harpia/message_view.hpp>

#include <string>
#include <string_view>

namespace harpia::websocket {

/// Encodes a frame with a compressed payload (RFC 7692, 6.1), masked if the sender is a client.
[[nodiscard]] std::string deflated_frame(message_kind kind, std::string_view payload, side sender);

/// Compresses messages with context takeover. Each frame must reach the peer, in the order of the calls. Not thread-safe.
class frame_deflater {
public:
  frame_deflater(const deflate::deflate_settings& settings, side sender) : deflater_{settings}, sender_{sender} {}

  [[nodiscard]] std::string encode(message_view message) {
    auto frame = deflated_frame(message.kind(), deflater_.deflate(message.text()), sender_);
    deflater_.trim();
    return frame;
  }

private:
  deflate::deflater deflater_;
  side sender_;
};

} // namespace harpia::websocket
