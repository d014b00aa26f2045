// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace harpia::detail {

/// Detects handlers of one loop that exceed a time limit, by sampling. It knows nothing between samples, so a reported duration is a
/// lower bound.
class slow_handler_detector {
public:
  using clock = std::chrono::steady_clock;

  struct finding {
    enum class kind : std::uint8_t { goes_on, has_returned };
    kind what;
    clock::duration duration; // observed running time, a lower bound
  };

  explicit slow_handler_detector(clock::duration limit) noexcept : limit_{limit} {}

  /// @param entry number of the current handler entry; 0: none
  /// @return for each entry over the limit: once `goes_on`, and later once `has_returned`
  [[nodiscard]] std::optional<finding> look(std::uint64_t entry, clock::time_point now) noexcept {
    const auto ran = now - since_;
    if (entry != entry_) {
      const bool was_told = told_;
      entry_ = entry;
      since_ = now;
      told_ = false;
      return was_told ? std::optional{finding{finding::kind::has_returned, ran}} : std::nullopt;
    }
    if (entry == 0 || told_ || ran < limit_)
      return std::nullopt;
    told_ = true;
    return finding{finding::kind::goes_on, ran};
  }

private:
  clock::duration limit_;
  std::uint64_t entry_ = 0;
  clock::time_point since_{}; // when it was first seen
  bool told_ = false;
};

} // namespace harpia::detail
