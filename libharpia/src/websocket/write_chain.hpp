// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct iovec;

namespace harpia::websocket {

class buffer_pool;

/// Bytes that wait to be written, and who owns them: a copy, or a frame that others have, too.
struct segment {
  std::string copied = {};
  shared_frame referenced = nullptr;

  [[nodiscard]] std::string_view bytes() const noexcept { return referenced ? referenced->bytes() : std::string_view{copied}; }
};

/// The bytes that go to the kernel next, in order, in as few buffers as possible: small frames are copied together, unless one that is
/// shared is all there is; frames of `reference_size` and more that are shared or alone are kept as they are. Empty write chains wait in a
/// `buffer_pool` for their next user.
class write_chain {
public:
  /// Frames from this size on are not copied to others but kept.
  static constexpr std::size_t reference_size = 4096;
  /// Copied frames are gathered into buffers of about this size.
  static constexpr std::size_t buffer_size = std::size_t{16} << 10;

  /// The buffer that `size` more bytes are to be appended to.
  [[nodiscard]] std::string& tail(std::size_t size, buffer_pool& pool);
  void append(segment content, buffer_pool& pool);

  /// Fills `out` with what to write next. @return the part that was filled; valid until the write chain is changed
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) const noexcept;
  /// Forgets the oldest `count` bytes, of which there must be so many. Buffers go back to `pool`.
  void consume(std::size_t count, buffer_pool& pool) noexcept;
  void clear(buffer_pool& pool) noexcept;

  [[nodiscard]] bool empty() const noexcept { return first_ == segments_.size(); }

private:
  [[nodiscard]] bool takes(const segment& last, std::size_t size) const noexcept;
  void pop_front(buffer_pool& pool) noexcept;

  std::vector<segment> segments_; // bounded by whoever appends
  std::size_t first_ = 0;         // index of the oldest segment
  std::size_t offset_ = 0;        // bytes of it that were taken
};

} // namespace harpia::websocket
