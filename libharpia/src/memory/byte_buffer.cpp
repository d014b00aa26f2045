// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "memory/byte_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace harpia::inline v0::memory {

namespace {

constexpr std::size_t page_size = 4096; // where pages are larger, the kernel rounds up

} // namespace

// Makes room for `size` more bytes at least.
void byte_buffer::grow(std::size_t size) {
  reallocate(std::max(size_ + size, capacity_ * 2));
}

void byte_buffer::reallocate(std::size_t capacity) {
  if (capacity < mapped_size)
    return move_to(static_cast<std::byte*>(::operator new(capacity)), capacity);
  capacity = (capacity + page_size - 1) / page_size * page_size;
  auto* const pages =
      capacity_ < mapped_size ? ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                              : ::mremap(data_, capacity_, capacity, MREMAP_MAYMOVE);
  if (pages == MAP_FAILED)
    throw std::bad_alloc{};
  if (capacity_ < mapped_size)
    return move_to(static_cast<std::byte*>(pages), capacity);
  data_ = static_cast<std::byte*>(pages);
  capacity_ = capacity;
}

void byte_buffer::move_to(std::byte* memory, std::size_t capacity) noexcept {
  if (data_) {
    std::memcpy(memory, data_, size_);
    release();
  }
  data_ = memory;
  capacity_ = capacity;
}

void byte_buffer::release() noexcept {
  if (capacity_ >= mapped_size)
    ::munmap(data_, capacity_);
  else
    ::operator delete(data_);
}

} // namespace harpia::inline v0::memory
