// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection/call_table.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace harpia::inline v0::detail {

/// Call state of a connection, created by its first call in either direction.
struct connection_calls {
  call_table outgoing;
  /// Number of the peer's unanswered calls. Shared, because a `reply` that outlives the connection decrements it.
  std::shared_ptr<std::atomic<std::size_t>> unanswered = std::make_shared<std::atomic<std::size_t>>(0);
};

} // namespace harpia::inline v0::detail
