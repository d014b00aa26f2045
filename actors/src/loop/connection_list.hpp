// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <cstddef>

namespace harpia::detail {

class connection;

/// All connections of one loop. Each connection adds and removes itself.
class connection_list {
public:
  /// Calls `visit(connection&)` for each connection, which may remove itself meanwhile. Defined beside `connection`.
  template <class Visit>
  void for_each(Visit visit);
  /// From any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
  friend class connection;
  connection* first_ = nullptr;
  std::atomic<std::size_t> size_ = 0;
};

} // namespace harpia::detail
