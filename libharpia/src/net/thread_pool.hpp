// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace harpia::inline v0::net {

/// Threads that run functions in the order in which they come. Thread-safe.
class thread_pool {
public:
  /// @param most_waiting functions that may wait for a thread
  /// @throws std::system_error if a thread cannot be started
  thread_pool(unsigned threads, std::size_t most_waiting);
  /// Waits for the functions that are running. Those that wait are destroyed without being called.
  ~thread_pool();
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  /// @param function must not throw
  /// @return false if too many wait already: `function` will not be called
  [[nodiscard]] bool post(std::function<void()> function);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace harpia::inline v0::net
