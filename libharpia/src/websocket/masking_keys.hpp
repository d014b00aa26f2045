// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>

namespace harpia::inline v0::websocket {

using masking_key = std::array<std::byte, 4>;

/// The masking keys of the clients of one loop (RFC 6455, 5.3): random numbers of the operating system, many by one system call. Not
/// thread-safe.
class masking_keys {
public:
  [[nodiscard]] masking_key next() {
    if (used_ == keys_.size())
      refill();
    return keys_[used_++];
  }

private:
  static constexpr std::size_t count = 64; // 256 bytes, which getrandom(2) fills at once

  void refill();

  std::array<masking_key, count> keys_{};
  std::size_t used_ = count;
};

} // namespace harpia::inline v0::websocket
