// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/inflater.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace harpia::deflate {

/// A buffer for output of unknown size, up to a limit. It consists of pieces, each as large as all before it, so that growth copies
/// nothing. Until `join`, it takes at most `least` bytes more than the limit.
class limited_buffer final : public inflate_target {
public:
  /// Minimum size of a piece in bytes, unless less is left of the limit.
  static constexpr std::size_t least = 4096;

  /// @param borrowed is filled first
  explicit limited_buffer(std::size_t limit, std::span<std::byte> borrowed = {}) noexcept
      : left_{limit}, first_{borrowed.first(std::min(limit, borrowed.size()))}, room_{first_} {
    left_ -= first_.size();
  }

  /// Empty once the limit is reached.
  [[nodiscard]] std::span<std::byte> room() override {
    if (room_.empty() && left_ > 0) {
      const auto size = std::min(left_, std::max(least, size_));
      room_ = {pieces_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(size), size).first.get(), size};
      left_ -= size;
    }
    return room_;
  }
  void added(std::size_t count) noexcept override {
    room_ = room_.subspan(count);
    size_ += count;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// All bytes in one span, valid as long as the buffer and `borrowed`. Call it once, last.
  [[nodiscard]] std::span<const std::byte> join() {
    if (pieces_.empty())
      return first_.first(std::min(first_.size(), size_));
    if (first_.empty() && pieces_.size() == 1)
      return {pieces_.front().first.get(), size_};
    auto whole = std::make_unique_for_overwrite<std::byte[]>(size_);
    auto* to = std::copy(first_.begin(), first_.end(), whole.get());
    for (const auto& [bytes, capacity] : pieces_)
      to = std::copy_n(bytes.get(), std::min(capacity, static_cast<std::size_t>(whole.get() + size_ - to)), to);
    pieces_.clear();
    pieces_.emplace_back(std::move(whole), size_);
    return {pieces_.front().first.get(), size_};
  }

private:
  using piece = std::pair<std::unique_ptr<std::byte[]>, std::size_t>; // with its size in bytes

  std::size_t left_; // bytes left of the limit, beyond the allocated room
  std::span<std::byte> first_;
  std::span<std::byte> room_;
  std::vector<piece> pieces_;
  std::size_t size_ = 0;
};

} // namespace harpia::deflate
