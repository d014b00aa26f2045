// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"
#include "websocket/outbound_queue.hpp"

#include <chrono>

namespace harpia::websocket {

/// Writes what a closed connection still owes, tells the peer that it was all, and waits for the peer to close too, so that the
/// kernel does not throw away what the peer has not read yet. The deadline bounds it.
void linger(net::event_loop& loop, net::channel transport, outbound_queue owed, std::chrono::milliseconds deadline);

} // namespace harpia::websocket
