// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/inflater.hpp"
#include "memory/byte_buffer.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace harpia::inline v0::deflate {

/// A buffer for output of unknown size, up to a limit: external memory first, then memory of its own, which doubles.
class limited_buffer final : public inflate_target {
public:
  /// Minimum capacity of memory of its own, in bytes.
  static constexpr std::size_t least = 4096;

  /// @param external is filled first
  explicit limited_buffer(std::size_t limit, std::span<std::byte> external = {}) noexcept
      : limit_{limit}, external_{external.first(std::min(limit, external.size()))} {}

  /// Empty once the limit is reached.
  [[nodiscard]] std::span<std::byte> room() override {
    if (external_used_ < external_.size())
      return external_.subspan(external_used_);
    if (external_used_ + own_.size() == limit_)
      return {};
    if (own_.spare().empty())
      own_.reserve(std::min(limit_, std::max(least, 2 * (external_used_ + own_.size()))));
    if (external_used_ > 0) {
      own_.append(external_);
      external_ = {};
      external_used_ = 0;
    }
    return own_.spare().first(std::min(own_.spare().size(), limit_ - own_.size()));
  }
  void added(std::size_t count) noexcept override {
    if (external_used_ < external_.size())
      external_used_ += count;
    else
      own_.extend(count);
  }

  /// What was added, valid until the next call of any function.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return own_.empty() ? std::span<const std::byte>{external_.first(external_used_)} : own_.bytes();
  }

private:
  std::size_t limit_;
  std::span<std::byte> external_; // empty once its bytes are in `own_`
  std::size_t external_used_ = 0;
  memory::byte_buffer own_;
};

} // namespace harpia::inline v0::deflate
