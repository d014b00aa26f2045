// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/outbound_queue.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <sys/uio.h>

namespace harpia::test {

/// Takes everything that waits in `queue`, as a socket with much room would.
[[nodiscard]] inline std::string take_written(websocket::outbound_queue& queue) {
  std::string bytes;
  while (!queue.empty()) {
    std::array<iovec, 16> pieces;
    std::size_t size = 0;
    for (const auto& piece : queue.gather(pieces)) {
      bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
      size += piece.iov_len;
    }
    queue.consume(size);
  }
  return bytes;
}

} // namespace harpia::test
