// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "memory/byte_buffer.hpp"
#include "websocket/frame.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <string_view>
#include <sys/uio.h>
#include <vector>

namespace harpia::inline v0::websocket {

class buffer_pool;

/// Bytes that wait to be written: an owned copy or a reference to a shared frame.
struct segment {
  memory::byte_buffer copied = {};
  shared_frame referenced = nullptr;

  [[nodiscard]] std::string_view bytes() const noexcept { return referenced ? referenced->bytes() : copied.text(); }
};

/// The bytes that the kernel gets next, in order, in as few buffers as possible. Small frames are copied together, except for a shared
/// frame that is the only one. Frames of at least `reference_size` bytes that are shared or alone are not copied. Empty write chains
/// are pooled in a `buffer_pool`, together with the buffer of their first bytes.
class write_chain {
public:
  /// Minimum size in bytes of frames that are referenced instead of copied.
  static constexpr std::size_t reference_size = 4096;
  /// Approximate size in bytes of the buffers that small frames are copied into.
  static constexpr std::size_t buffer_size = std::size_t{16} << 10;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Bytes that are of no message, at most.
  [[nodiscard]] std::size_t overhead() const noexcept { return overhead_; }

  /// Whether there is room for `size` more bytes behind the last ones, as there nearly always is.
  [[nodiscard]] bool has_room(std::size_t size) const noexcept {
    const auto& first = oldest_.copied;
    return later_.empty() && !oldest_.referenced && first.size() + size <= std::min(first.capacity(), buffer_size);
  }
  /// The room, for `extend`.
  [[nodiscard]] std::byte* room() noexcept { return oldest_.copied.spare().data(); }
  /// Appends `size` bytes, which the caller has written to `room`.
  void extend(std::size_t size) noexcept {
    oldest_.copied.extend(size);
    size_ += size;
  }
  /// Appends a small shared frame if there is room for a copy, or if it is the first. @return false: neither is so
  [[nodiscard]] bool append_usual(const shared_frame& encoded);

  void append(std::string_view bytes, buffer_pool& pool);
  void append(segment content, buffer_pool& pool);
  /// The last `size` bytes are of no message.
  void add_overhead(std::size_t size) noexcept { overhead_ += size; }
  /// Appends `size` bytes that `write` writes to the address that it gets.
  template <class Write>
  void append(std::size_t size, buffer_pool& pool, Write write) {
    auto& buffer = tail(size, pool);
    write(buffer.room_for(size));
    buffer.extend(size);
    size_ += size;
  }

  /// Fills `out` with what to write next. @return the part that was filled; valid until the write chain is changed
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) const noexcept {
    if (empty() || out.empty())
      return out.first(0);
    const auto oldest = oldest_.bytes();
    out[0] = {const_cast<char*>(oldest.data()) + written_, oldest.size() - written_}; // writes do not modify it
    return later_.empty() ? out.first(1) : gather_later(out);
  }
  /// Removes the oldest `count` bytes; the chain must hold at least that many. Returns buffers to `pool`.
  void consume(std::size_t count, buffer_pool& pool) noexcept {
    assert(count <= size_);
    if (count != size_ || !later_.empty())
      return consume_part(count, pool);
    size_ = overhead_ = written_ = 0;
    oldest_.copied.clear();
    if (oldest_.referenced)
      oldest_.referenced.reset();
  }
  void clear(buffer_pool& pool) noexcept;

  /// The buffer that an empty chain keeps.
  [[nodiscard]] memory::byte_buffer& kept() noexcept { return oldest_.copied; }

private:
  friend class buffer_pool;

  [[nodiscard]] memory::byte_buffer& tail(std::size_t size, buffer_pool& pool);
  [[nodiscard]] std::span<iovec> gather_later(std::span<iovec> out) const noexcept;
  void consume_part(std::size_t count, buffer_pool& pool) noexcept;
  void pop_oldest(buffer_pool& pool) noexcept;

  segment oldest_;             // empty only if all is
  std::size_t written_ = 0;    // bytes of it that were written already
  std::vector<segment> later_; // bounded by the caller of append
  std::size_t next_ = 0;       // index of the oldest of them that is left
  std::size_t size_ = 0;
  std::size_t overhead_ = 0;
  write_chain* next_free_ = nullptr; // in the pool, which owns it
};

} // namespace harpia::inline v0::websocket
