// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace harpia::inline v0::detail {

class connection;

/// All connections of one loop. Each connection adds and removes itself.
class connection_list {
public:
  /// A place in the list, which stays valid while connections come and go. On the loop's thread.
  class cursor {
  public:
    explicit cursor(connection_list& all) noexcept : all_{&all}, next_{all.first_}, other_{std::exchange(all.cursors_, this)} {}
    ~cursor();
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    /// The next connection, or null at the end. Defined beside `connection`.
    [[nodiscard]] connection* take() noexcept;

  private:
    friend class connection;
    connection_list* all_;
    connection* next_;
    cursor* other_;
  };

  /// Calls `visit(connection&)` for each connection, which may remove itself meanwhile. Defined beside `connection`.
  template <class Visit>
  void for_each(Visit visit);
  /// From any thread.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
  friend class connection;
  connection* first_ = nullptr;
  cursor* cursors_ = nullptr; // few: walks that are under way
  std::atomic<std::size_t> size_ = 0;
};

inline connection_list::cursor::~cursor() {
  auto** at = &all_->cursors_;
  while (*at != this)
    at = &(*at)->other_;
  *at = other_;
}

} // namespace harpia::inline v0::detail
