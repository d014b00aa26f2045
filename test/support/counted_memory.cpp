// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/counted_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace harpia::test {

namespace {

// Each thread counts by itself.
thread_local std::size_t allocated = 0; // bytes, now; below 0, and around again, for what other threads allocated
thread_local std::size_t peak = 0;

void* counted(void* memory) noexcept {
  allocated += ::malloc_usable_size(memory);
  peak = std::max(peak, allocated);
  return memory;
}

void* allocate(std::size_t size) {
  auto* memory = counted_allocate(size);
  if (!memory)
    throw std::bad_alloc{};
  return memory;
}

} // namespace

void* counted_allocate(std::size_t size) noexcept {
  return counted(std::malloc(size));
}

void* counted_reallocate(void* memory, std::size_t size) noexcept {
  const auto before = ::malloc_usable_size(memory);
  auto* moved = std::realloc(memory, size);
  if (moved || size == 0)
    allocated -= before;
  return moved ? counted(moved) : nullptr;
}

void counted_release(void* memory) noexcept {
  allocated -= ::malloc_usable_size(memory);
  std::free(memory);
}

memory_watch::memory_watch() noexcept : before_{allocated} {
  peak = allocated;
}

std::size_t memory_watch::most() const noexcept {
  return peak - before_;
}

} // namespace harpia::test

void* operator new(std::size_t size) {
  return harpia::test::allocate(size);
}
void* operator new[](std::size_t size) {
  return harpia::test::allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return harpia::test::counted_allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return harpia::test::counted_allocate(size);
}
void operator delete(void* memory) noexcept {
  harpia::test::counted_release(memory);
}
void operator delete[](void* memory) noexcept {
  harpia::test::counted_release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  harpia::test::counted_release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  harpia::test::counted_release(memory);
}
