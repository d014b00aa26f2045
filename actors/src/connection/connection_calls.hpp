// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection/call_table.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace harpia::detail {

/// What a connection has once it has called or been called.
struct connection_calls {
  call_table made;
  /// The peer's calls that have no answer yet; `reply`s that outlive the connection count it down.
  std::shared_ptr<std::atomic<std::size_t>> taken = std::make_shared<std::atomic<std::size_t>>(0);
};

} // namespace harpia::detail
