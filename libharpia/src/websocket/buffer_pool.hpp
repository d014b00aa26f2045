// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "memory/byte_buffer.hpp"
#include "net/event_loop.hpp"
#include "websocket/buffer_budget.hpp"
#include "websocket/write_chain.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace harpia::inline v0::websocket {

/// A pool of buffers and write chains for the connections of one loop. An idle connection holds none, and a busy one allocates none.
///
/// Large buffers, whose memory is pages of its own, are kept as long as they are used about once in `trim_interval`: a connection that sends
/// or receives large messages causes no page faults, and after a burst of them the memory returns to the system. Not thread-safe.
class buffer_pool final : private net::timer {
public:
  static constexpr std::size_t initial_capacity = 2048;
  /// Small buffers, and as many write chains, each with a small buffer of its own at most.
  static constexpr std::size_t max_kept = 512;
  static constexpr std::size_t max_kept_bytes = std::size_t{2} << 20;  // of small buffers
  static constexpr std::size_t max_kept_large = std::size_t{64} << 20; // bytes of large buffers
  static constexpr std::chrono::seconds trim_interval{1};

  /// @param budget the app's; null: no limit
  /// @param loop trims the pool; is used as long as buffers are given back; null: no large buffer is kept
  explicit buffer_pool(std::shared_ptr<buffer_budget> budget = nullptr, net::event_loop* loop = nullptr)
      : budget_{std::move(budget)}, loop_{loop} {
    free_.reserve(max_kept);
    large_.reserve(max_kept_large / memory::byte_buffer::mapped_size);
  }

  ~buffer_pool() {
    while (free_chains_)
      static_cast<void>(take_chain());
  }
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;

  /// An empty buffer with room for `size` bytes.
  [[nodiscard]] memory::byte_buffer take(std::size_t size = initial_capacity) {
    if (size >= memory::byte_buffer::mapped_size)
      return take_large(size);
    memory::byte_buffer buffer;
    if (!free_.empty()) {
      buffer = std::move(free_.back());
      free_.pop_back();
      free_bytes_ -= buffer.capacity();
    }
    buffer.reserve(size < initial_capacity ? initial_capacity : size);
    return buffer;
  }

  /// Keeps a buffer for the next who takes one, or frees it.
  void give(memory::byte_buffer&& buffer) noexcept {
    if (buffer.capacity() >= memory::byte_buffer::mapped_size)
      return give_large(std::move(buffer));
    auto given = std::move(buffer);
    if (free_.size() == free_.capacity() || given.capacity() < initial_capacity
        || free_bytes_ + given.capacity() > max_kept_bytes)
      return;
    free_bytes_ += given.capacity();
    given.clear();
    free_.push_back(std::move(given));
  }

  [[nodiscard]] std::unique_ptr<write_chain> take_chain() {
    if (!free_chains_)
      return std::make_unique<write_chain>();
    --chains_kept_;
    return std::unique_ptr<write_chain>{std::exchange(free_chains_, free_chains_->next_free_)};
  }

  /// @param empty a write chain without pending bytes
  void give(std::unique_ptr<write_chain>&& empty) noexcept {
    if (chains_kept_ == max_kept || empty->kept().capacity() > initial_capacity) [[unlikely]]
      return give_unusual(std::move(empty));
    ++chains_kept_;
    empty->next_free_ = free_chains_;
    free_chains_ = empty.release();
  }

  /// Bytes of the large buffers that are kept.
  [[nodiscard]] std::size_t large_bytes() const noexcept { return large_bytes_; }
  [[nodiscard]] const std::shared_ptr<buffer_budget>& budget() const noexcept { return budget_; }

private:
  enum class used : bool { before_last_trim, since_last_trim };
  struct large_buffer {
    memory::byte_buffer buffer;
    used when;
  };

  void give_unusual(std::unique_ptr<write_chain> empty) noexcept;
  [[nodiscard]] memory::byte_buffer take_large(std::size_t size);
  void give_large(memory::byte_buffer&& buffer) noexcept;
  void on_timer() override;

  std::shared_ptr<buffer_budget> budget_;
  net::event_loop* loop_;
  std::vector<memory::byte_buffer> free_; // bounded by max_kept, for which it has room, as have the others
  std::size_t free_bytes_ = 0;            // capacities of `free_`
  write_chain* free_chains_ = nullptr;    // owned: a list of `chains_kept_`
  std::size_t chains_kept_ = 0;           // bounded by max_kept
  std::vector<large_buffer> large_;       // the most recently used last; bounded by max_kept_large
  std::size_t large_bytes_ = 0;           // capacities of `large_`
};

} // namespace harpia::inline v0::websocket
