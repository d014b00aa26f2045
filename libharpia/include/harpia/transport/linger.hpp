// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/protocol/outbound_queue.hpp>
#include <harpia/transport/channel.hpp>
#include <harpia/transport/event_loop.hpp>

#include <chrono>

namespace harpia::transport {

/// Writes what a closed connection still owes, tells the peer that it was all, and waits for the peer to close too, so that the
/// kernel does not throw away what the peer has not read yet. The deadline bounds it.
void linger(event_loop& loop, channel transport, protocol::outbound_queue owed, std::chrono::milliseconds deadline);

} // namespace harpia::transport
