// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/conversation.hpp"

#include <memory>

namespace harpia::test {

/// A conversation with a `websocket::session` in this thread: no socket, no loop, no actor.
[[nodiscard]] std::unique_ptr<conversation> make_memory_peer();

} // namespace harpia::test
