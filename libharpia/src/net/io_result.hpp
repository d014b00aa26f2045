// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>

namespace harpia::inline v0::net {

/// The result of a read or write.
struct io_result {
  enum class outcome : std::uint8_t { done, would_block, end, failed };

  outcome what = outcome::would_block;
  std::size_t size = 0;                                // bytes, after `done`
  std::optional<std::error_code> error = std::nullopt; // after `failed`
};

} // namespace harpia::inline v0::net
