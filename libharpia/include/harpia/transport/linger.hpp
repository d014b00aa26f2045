// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/protocol/outbound_queue.hpp>
#include <harpia/transport/channel.hpp>
#include <harpia/transport/event_loop.hpp>

#include <chrono>

namespace harpia::transport {

/// What a peer whose connection is closed may still do.
enum class peer_may : bool {
  send, ///< what it sends when the socket is closed makes the kernel throw away what it has not read yet
  read, ///< it has said that it sends no more
};

/// Writes what a closed connection still owes and tells the peer that it was all. Then closes the socket, of a peer that may send once
/// that has closed, too. The deadline bounds it.
void linger(event_loop& loop, channel transport, protocol::outbound_queue owed, std::chrono::milliseconds deadline,
            peer_may what = peer_may::send);

} // namespace harpia::transport
