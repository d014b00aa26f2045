// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "memory/byte_buffer.hpp"
#include "websocket/frame.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

struct iovec;

namespace harpia::websocket {

class buffer_pool;

/// Bytes that wait to be written: an owned copy or a reference to a shared frame.
struct segment {
  memory::byte_buffer copied = {};
  shared_frame referenced = nullptr;

  [[nodiscard]] std::string_view bytes() const noexcept { return referenced ? referenced->bytes() : copied.text(); }
};

/// The bytes that the kernel gets next, in order, in as few buffers as possible. Small frames are copied together, except for a shared
/// frame that is the only one. Frames of at least `reference_size` bytes that are shared or alone are not copied. Empty write chains
/// are pooled in a `buffer_pool`.
class write_chain {
public:
  /// Minimum size in bytes of frames that are referenced instead of copied.
  static constexpr std::size_t reference_size = 4096;
  /// Approximate size in bytes of the buffers that small frames are copied into.
  static constexpr std::size_t buffer_size = std::size_t{16} << 10;

  /// The buffer to append `size` more bytes to.
  [[nodiscard]] memory::byte_buffer& tail(std::size_t size, buffer_pool& pool);
  void append(segment content, buffer_pool& pool);

  /// Fills `out` with what to write next. @return the part that was filled; valid until the write chain is changed
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) const noexcept;
  /// Removes the oldest `count` bytes; the chain must hold at least that many. Returns buffers to `pool`.
  void consume(std::size_t count, buffer_pool& pool) noexcept;
  void clear(buffer_pool& pool) noexcept;

  [[nodiscard]] bool empty() const noexcept { return first_ == segments_.size(); }

private:
  [[nodiscard]] bool takes(const segment& last, std::size_t size) const noexcept;
  void pop_front(buffer_pool& pool) noexcept;

  std::vector<segment> segments_; // bounded by the caller of append
  std::size_t first_ = 0;         // index of the oldest segment
  std::size_t offset_ = 0;        // bytes of it that were already written
};

} // namespace harpia::websocket
