// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>

namespace harpia::test {

// An executable that has counted_memory.cpp allocates with these whatever it allocates with `new`, and whatever libraries can be told to.
// As malloc, realloc and free.
[[nodiscard]] void* counted_allocate(std::size_t size) noexcept;
[[nodiscard]] void* counted_reallocate(void* memory, std::size_t size) noexcept;
void counted_release(void* memory) noexcept;

/// Watches how much memory its thread takes. One at a time.
class memory_watch {
public:
  memory_watch() noexcept;

  /// The most bytes that were in use at once, beyond those that were when it began.
  [[nodiscard]] std::size_t most() const noexcept;

private:
  std::size_t before_;
};

} // namespace harpia::test
