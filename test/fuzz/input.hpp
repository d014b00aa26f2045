// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string_view>

/// What libFuzzer calls with every input, and replay.cpp with every seed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace harpia::fuzz {

/// A promise that holds for every input; one that does not is a finding, in every kind of build.
inline void require(bool holds, const char* promise) {
  if (holds)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// The input, which decides from its front on what is done, and with what.
class input {
public:
  input(const std::uint8_t* data, std::size_t size) noexcept : rest_{reinterpret_cast<const char*>(data), size} {}

  /// The next byte; 0 if there is none.
  std::uint8_t byte() noexcept {
    const auto front = take(1);
    return front.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(front.front());
  }
  /// The next `size` bytes, or all that there are.
  std::string_view take(std::size_t size) noexcept {
    const auto front = rest_.substr(0, size);
    rest_.remove_prefix(front.size());
    return front;
  }
  /// What comes before the next `mark`, which is skipped, or all that there is.
  std::string_view take_until(char mark) noexcept {
    const auto front = take(rest_.find(mark));
    take(1);
    return front;
  }
  std::string_view rest() noexcept { return take(rest_.size()); }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

private:
  std::string_view rest_;
};

/// How a stream is cut into pieces.
struct pieces {
  std::size_t max_size; // bytes; 0: it is not cut
  unsigned seed = 0;    // of their sizes, which are random
};

/// Calls `take(piece)` for one piece after the other until nothing is left or it returns false.
/// @return what is left
template <class Take>
std::string_view cut(std::string_view stream, const pieces& how, Take take) {
  std::minstd_rand random{how.seed + 1};
  for (bool more = true; more && !stream.empty();) {
    const auto piece = stream.substr(0, how.max_size == 0 ? stream.size() : random() % how.max_size + 1);
    stream.remove_prefix(piece.size());
    more = take(piece);
  }
  return stream;
}

} // namespace harpia::fuzz
