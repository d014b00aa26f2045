// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/failing_memory.hpp"

#include <cstdlib>
#include <new>

namespace harpia::test {

namespace {

enum class plan { work, fail, failed };

thread_local plan next = plan::work;
thread_local std::size_t left = 0; // allocations before the one that fails

void* allocate(std::size_t size) noexcept {
  if (next == plan::fail && left-- == 0) {
    next = plan::failed;
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}

void* allocate_or_throw(std::size_t size) {
  auto* memory = allocate(size);
  if (!memory)
    throw std::bad_alloc{};
  return memory;
}

} // namespace

void fail_allocation_after(std::size_t count) noexcept {
  left = count;
  next = plan::fail;
}

bool allocations_work() noexcept {
  const bool failed = next == plan::failed;
  next = plan::work;
  return failed;
}

} // namespace harpia::test

void* operator new(std::size_t size) {
  return harpia::test::allocate_or_throw(size);
}
void* operator new[](std::size_t size) {
  return harpia::test::allocate_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return harpia::test::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return harpia::test::allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
