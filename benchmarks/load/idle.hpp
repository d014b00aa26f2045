// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "options.hpp"

#include <cstdint>

namespace load {

/// Bytes.
struct idle_outcome {
  std::uint64_t private_before;
  std::uint64_t private_after;
  std::uint64_t resident_before;
  std::uint64_t resident_after;
};

/// Opens the clients, and reads what memory the server has once that has settled. One client more is open before, so that what the
/// server keeps once for all is not counted.
idle_outcome run_idle(const options& wanted);

} // namespace load
