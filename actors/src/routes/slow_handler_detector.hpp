// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace harpia::inline v0::detail {

/// Detects handlers of one loop that exceed a time limit, by sampling. It knows nothing between samples, so a reported duration is a
/// lower bound.
class slow_handler_detector {
public:
  using clock = std::chrono::steady_clock;

  struct finding {
    enum class kind : std::uint8_t { still_running, returned };
    kind what;
    clock::duration duration; // observed running time, a lower bound
  };

  explicit slow_handler_detector(clock::duration limit) noexcept : limit_{limit} {}

  /// @param entry number of the current handler entry; 0: none
  /// @return for each entry over the limit: once `still_running`, and later once `returned`
  [[nodiscard]] std::optional<finding> sample(std::uint64_t entry, clock::time_point now) noexcept {
    const auto ran = now - since_;
    if (entry != entry_) {
      const bool was_reported = reported_;
      entry_ = entry;
      since_ = now;
      reported_ = false;
      return was_reported ? std::optional{finding{finding::kind::returned, ran}} : std::nullopt;
    }
    if (entry == 0 || reported_ || ran < limit_)
      return std::nullopt;
    reported_ = true;
    return finding{finding::kind::still_running, ran};
  }

private:
  clock::duration limit_;
  std::uint64_t entry_ = 0;
  clock::time_point since_{}; // when it was first seen
  bool reported_ = false;
};

} // namespace harpia::inline v0::detail
