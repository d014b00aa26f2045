// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/write_chain.hpp"

#include "websocket/buffer_pool.hpp"

#include <sys/uio.h>
#include <utility>

namespace harpia::websocket {

// The newest buffer, unless `size` more bytes would exceed `buffer_size`.
memory::byte_buffer& write_chain::tail(std::size_t size, buffer_pool& pool) {
  if (!empty() && takes(segments_.back(), size)) {
    auto& last = segments_.back();
    if (last.referenced) { // it was the only segment, so it had not been copied
      last.copied = pool.take();
      last.copied.append(last.referenced->bytes());
      last.referenced.reset();
    }
    return last.copied;
  }
  return segments_.emplace_back(segment{pool.take(size)}).copied;
}

bool write_chain::takes(const segment& last, std::size_t size) const noexcept {
  const auto present = last.bytes().size();
  return (last.referenced ? present < reference_size : true) && present + size <= buffer_size;
}

void write_chain::append(segment content, buffer_pool& pool) {
  const auto bytes = content.bytes();
  if (bytes.size() >= reference_size || (content.referenced && empty()))
    segments_.push_back(std::move(content));
  else
    tail(bytes.size(), pool).append(bytes);
}

std::span<iovec> write_chain::gather(std::span<iovec> out) const noexcept {
  std::size_t count = 0;
  auto skip = offset_;
  for (auto i = first_; i < segments_.size() && count < out.size(); ++i, ++count) {
    const auto bytes = segments_[i].bytes().substr(std::exchange(skip, 0));
    out[count] = {const_cast<char*>(bytes.data()), bytes.size()}; // writes do not modify it
  }
  return out.first(count);
}

void write_chain::consume(std::size_t count, buffer_pool& pool) noexcept {
  while (count > 0) {
    const auto left = segments_[first_].bytes().size() - offset_;
    if (count < left) {
      offset_ += count;
      return;
    }
    count -= left;
    pop_front(pool);
  }
}

void write_chain::clear(buffer_pool& pool) noexcept {
  while (!empty())
    pop_front(pool);
}

void write_chain::pop_front(buffer_pool& pool) noexcept {
  auto& oldest = segments_[first_];
  pool.give(std::exchange(oldest.copied, {}));
  oldest.referenced.reset();
  offset_ = 0;
  ++first_;
  if (empty()) {
    segments_.clear();
    first_ = 0;
  } else if (first_ >= 64 && first_ * 2 >= segments_.size()) {
    // A chain that never becomes empty must not keep the entries of sent segments.
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

} // namespace harpia::websocket
