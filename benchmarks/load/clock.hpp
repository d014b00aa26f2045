// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>

namespace load {

using nanoseconds = std::chrono::nanoseconds;

/// Nanoseconds of the steady clock.
inline std::int64_t now() {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr std::int64_t patience = 20'000'000'000; // ns that the server has for anything: then the run fails

} // namespace load
