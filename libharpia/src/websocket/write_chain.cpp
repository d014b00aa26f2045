// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/write_chain.hpp"

#include "websocket/buffer_pool.hpp"

#include <cstring>
#include <utility>

namespace harpia::inline v0::websocket {

namespace {

bool takes(const segment& last, std::size_t size) noexcept {
  const auto present = last.bytes().size();
  return (!last.referenced || present < write_chain::reference_size) && present + size <= write_chain::buffer_size;
}

} // namespace

// The newest buffer, unless `size` more bytes would exceed `buffer_size`.
memory::byte_buffer& write_chain::tail(std::size_t size, buffer_pool& pool) {
  if (empty()) {
    auto& kept = oldest_.copied;
    if (kept.capacity() < size)
      pool.give(std::exchange(kept, pool.take(size)));
    return kept;
  }
  auto& last = later_.empty() ? oldest_ : later_.back();
  if (!takes(last, size))
    return later_.emplace_back(segment{pool.take(size)}).copied;
  if (last.referenced) { // it was the only segment, so it had not been copied
    if (last.copied.capacity() == 0)
      last.copied = pool.take();
    last.copied.append(last.referenced->bytes());
    last.referenced.reset();
  }
  return last.copied;
}

bool write_chain::append_usual(const shared_frame& encoded) {
  const auto bytes = encoded->bytes();
  if (bytes.size() < reference_size && has_room(bytes.size())) {
    std::memcpy(room(), bytes.data(), bytes.size());
    extend(bytes.size());
    return true;
  }
  if (!empty())
    return false;
  oldest_.referenced = encoded;
  size_ = bytes.size();
  return true;
}

void write_chain::append(std::string_view bytes, buffer_pool& pool) {
  tail(bytes.size(), pool).append(bytes);
  size_ += bytes.size();
}

void write_chain::append(segment content, buffer_pool& pool) {
  const auto bytes = content.bytes();
  const auto size = bytes.size();
  if (size < reference_size && !(content.referenced && empty()))
    return append(bytes, pool);
  if (!empty()) {
    later_.push_back(std::move(content));
  } else if (content.referenced) {
    oldest_.referenced = std::move(content.referenced);
  } else {
    pool.give(std::exchange(oldest_.copied, std::move(content.copied)));
  }
  size_ += size;
}

std::span<iovec> write_chain::gather_later(std::span<iovec> out) const noexcept {
  std::size_t count = 1;
  for (auto i = next_; i < later_.size() && count < out.size(); ++i, ++count) {
    const auto bytes = later_[i].bytes();
    out[count] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  return out.first(count);
}

void write_chain::consume_part(std::size_t count, buffer_pool& pool) noexcept {
  size_ -= count;
  overhead_ = std::min(overhead_, size_);
  while (count > 0) {
    const auto left = oldest_.bytes().size() - written_;
    if (count < left) {
      written_ += count;
      return;
    }
    count -= left;
    pop_oldest(pool);
  }
}

void write_chain::pop_oldest(buffer_pool& pool) noexcept {
  oldest_.copied.clear();
  oldest_.referenced.reset();
  written_ = 0;
  if (later_.empty())
    return;
  auto& next = later_[next_++];
  if (next.copied.capacity() > 0)
    pool.give(std::exchange(oldest_.copied, std::move(next.copied)));
  oldest_.referenced = std::move(next.referenced);
  if (next_ == later_.size()) {
    later_.clear();
    next_ = 0;
  } else if (next_ >= 64 && next_ * 2 >= later_.size()) {
    // A chain that never becomes empty must not keep the entries of sent segments.
    later_.erase(later_.begin(), later_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
}

void write_chain::clear(buffer_pool& pool) noexcept {
  consume(size_, pool);
}

} // namespace harpia::inline v0::websocket
