// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace load {

/// Counts times in nanoseconds in buckets of at most 1/64 of their value. A plain value; merge those of several threads.
class histogram {
public:
  void add(std::uint64_t nanoseconds) {
    ++counts_[bucket_of(nanoseconds)];
    ++total_;
    largest_ = std::max(largest_, nanoseconds);
  }

  void merge(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    total_ += other.total_;
    largest_ = std::max(largest_, other.largest_);
  }

  /// The upper end of the bucket that holds the value which `share` (0 to 1) of all values do not exceed.
  [[nodiscard]] std::uint64_t percentile(double share) const {
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) >= wanted)
        return std::min(upper_end(i), largest_);
    return largest_;
  }

  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }

private:
  static constexpr int sub_bits = 6;

  // Values below 128 have a bucket each; every doubling after that has 64.
  static std::size_t bucket_of(std::uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - sub_bits - 1);
    return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
  }

  static std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < (2u << sub_bits))
      return bucket;
    const auto shift = (bucket >> sub_bits) - 1;
    const auto leading = bucket - (shift << sub_bits);
    return ((leading + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(60u << sub_bits);
  std::uint64_t total_ = 0;
  std::uint64_t largest_ = 0;
};

} // namespace load
