// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstddef>

namespace harpia::inline v0::fleet {

/// How much of a group's past is kept.
struct history_limits {
  std::size_t size = 100;                                  ///< messages; 0: none, so that each gap is lost
  std::chrono::milliseconds ttl = std::chrono::minutes{5}; ///< age at which a message is forgotten
  std::size_t max_bytes = std::size_t{4} << 20U;           ///< of one group in a node's memory
};

} // namespace harpia::inline v0::fleet
