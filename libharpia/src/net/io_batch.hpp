// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/io_result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct iovec;

namespace harpia::net {

/// Whether sockets are read and written together.
enum class io_uring_support : std::uint8_t {
  works,
  not_permitted, ///< the system refuses it, as many containers do, or has none
  not_built,     ///< harpia was built without it
};

/// Tries it. Takes a descriptor and gives it back.
[[nodiscard]] io_uring_support find_io_uring() noexcept;

/// Reads and writes of many sockets in one system call, by io_uring. Each does what `recv` or `sendmsg` would have done for a
/// non-blocking socket, and all are done when `run` returns: nothing goes on in the background.
///
/// Belongs to the thread that made it. What is added must stay where it is until `run` returns.
class io_batch {
public:
  /// Operations of one run.
  static constexpr std::size_t capacity = 128;
  /// Pieces of one write.
  static constexpr std::size_t max_pieces = 8;

  /// @return null unless `find_io_uring` says that it works
  [[nodiscard]] static std::unique_ptr<io_batch> make();
  ~io_batch();
  io_batch(const io_batch&) = delete;
  io_batch& operator=(const io_batch&) = delete;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == capacity; }

  /// Where the pieces of the next write are to be put.
  [[nodiscard]] std::span<iovec> pieces() noexcept;
  /// Adds a write of the first `count` of these pieces, at least one. Not when it is full.
  void write(int socket, std::size_t count) noexcept;
  /// Adds a read. Not when it is full.
  void read(int socket, std::span<std::byte> target) noexcept;

  /// Does all that was added.
  /// @return what each came to, in the order it was added; valid until something is added again
  [[nodiscard]] std::span<const io_result> run() noexcept;
  /// False once the system has failed us: then do without it, and destroy it.
  [[nodiscard]] bool works() const noexcept { return works_; }

private:
  struct ring;
  explicit io_batch(std::unique_ptr<ring> made) noexcept;
  [[nodiscard]] unsigned collect() noexcept;

  std::unique_ptr<ring> ring_;
  std::size_t size_ = 0;
  std::vector<io_result> results_;
  bool works_ = true;
};

} // namespace harpia::net
