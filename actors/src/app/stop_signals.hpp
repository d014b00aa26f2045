// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>

namespace harpia::inline v0::detail {

/// Hears SIGINT and SIGTERM while it exists, whichever thread of the program they are delivered to, and beside others of its kind.
///
/// The first one installs a handler for both signals, the last one puts back what was there before.
class stop_signals {
public:
  /// @throws std::system_error if the system has no descriptor left, or if there are 64 already
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Becomes readable when a signal has come, also one that came before it was watched.
  [[nodiscard]] int fd() const noexcept;

private:
  std::size_t place_;
};

} // namespace harpia::inline v0::detail
