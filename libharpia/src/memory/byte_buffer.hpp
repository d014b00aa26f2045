// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace harpia::inline v0::memory {

/// Bytes in memory of their own, which grows as they are appended.
///
/// From `mapped_size` on the memory is pages of its own: it grows without a copy and returns to the system when it is freed. The heap would
/// keep it. Bytes that are appended in place, see `spare`, are not initialized before. Not thread-safe.
class byte_buffer {
public:
  /// Capacity in bytes from which the memory is pages of its own.
  static constexpr std::size_t mapped_size = std::size_t{64} << 10;

  byte_buffer() noexcept = default;
  byte_buffer(byte_buffer&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)}, capacity_{std::exchange(
                                                                                              other.capacity_, 0)} {}
  byte_buffer& operator=(byte_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~byte_buffer() {
    if (data_)
      release();
  }

  /// Makes room for `capacity` bytes in all. @throws std::bad_alloc
  void reserve(std::size_t capacity) {
    if (capacity > capacity_)
      reallocate(capacity);
  }
  /// Appends a copy of `bytes`. @throws std::bad_alloc
  byte_buffer& append(std::string_view bytes) {
    if (bytes.size() > capacity_ - size_)
      grow(bytes.size());
    if (!bytes.empty())
      std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return *this;
  }
  byte_buffer& append(std::span<const std::byte> bytes) {
    return append(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  /// The memory behind the last byte, for `extend`, with room for `size` bytes at least. @throws std::bad_alloc
  [[nodiscard]] std::byte* room_for(std::size_t size) {
    if (size > capacity_ - size_)
      grow(size);
    return data_ + size_;
  }
  /// The memory behind the last byte, for `extend`.
  [[nodiscard]] std::span<std::byte> spare() noexcept { return {data_ + size_, capacity_ - size_}; }
  /// Appends the first `count` bytes of `spare`, which the caller has filled.
  void extend(std::size_t count) noexcept { size_ += count; }
  void clear() noexcept { size_ = 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::span<std::byte> bytes() noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

private:
  void grow(std::size_t size);
  void reallocate(std::size_t capacity);
  void move_to(std::byte* memory, std::size_t capacity) noexcept;
  void release() noexcept;

  std::byte* data_ = nullptr; // from operator new, or from mmap if the capacity is at least `mapped_size`
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

} // namespace harpia::inline v0::memory
