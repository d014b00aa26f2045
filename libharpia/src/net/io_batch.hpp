// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/io_result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <sys/uio.h>

namespace harpia::inline v0::net {

/// Whether sockets are read and written in batches, by io_uring.
enum class io_uring_support : std::uint8_t {
  works,
  not_permitted, ///< the system refuses it, as many containers do, or does not have it
  not_built,     ///< harpia was built without it
};

/// Finds out by opening an io_uring and closing it. Needs a free descriptor for that time.
[[nodiscard]] io_uring_support find_io_uring() noexcept;

/// Reads and writes many sockets in one system call, by io_uring. Each operation does what `recv` or `sendmsg` does for a
/// non-blocking socket. All are complete when `run` returns: nothing continues in the background.
///
/// Belongs to the thread that created it. Added buffers must stay valid until `run` returns.
class io_batch {
public:
  /// Maximum number of operations in one `run`.
  static constexpr std::size_t capacity = 128;
  /// Maximum number of buffers in one write.
  static constexpr std::size_t max_pieces = 8;

  /// @return null unless `find_io_uring` returns `works`
  [[nodiscard]] static std::unique_ptr<io_batch> make();
  ~io_batch();
  io_batch(const io_batch&) = delete;
  io_batch& operator=(const io_batch&) = delete;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == capacity; }

  /// Where the caller puts the buffers of the next write.
  [[nodiscard]] std::span<iovec> pieces() noexcept { return pieces_[size_]; }
  /// Adds a write of the first `count` of these buffers, at least one. Not when the batch is full.
  void write(int socket, std::size_t count) noexcept;
  /// Adds a read. Not when the batch is full.
  void read(int socket, std::span<std::byte> target) noexcept;

  /// Performs all added operations.
  /// @return the result of each, in the order of adding; valid until something is added again
  [[nodiscard]] std::span<const io_result> run() noexcept;
  /// False once io_uring has failed. The batch is unusable then and should be destroyed.
  [[nodiscard]] bool works() const noexcept { return works_; }

private:
  struct ring;
  explicit io_batch(std::unique_ptr<ring> made) noexcept;
  [[nodiscard]] unsigned collect() noexcept;

  std::unique_ptr<ring> ring_;
  std::size_t size_ = 0;
  std::array<std::array<iovec, max_pieces>, capacity> pieces_; // of each write
  std::array<io_result, capacity> results_{};
  bool works_ = true;
};

} // namespace harpia::inline v0::net
