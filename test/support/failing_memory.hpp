// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>

namespace harpia::test {

// In an executable that has failing_memory.cpp, `new` can be made to fail on the calling thread.

/// From now on, on this thread, `new` fails once: after `count` times.
void fail_allocation_after(std::size_t count) noexcept;
/// Lets no further one fail. @return whether one has failed
bool allocations_work() noexcept;

} // namespace harpia::test
