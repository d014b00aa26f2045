// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/io_batch.hpp"

#include "net/io_outcome.hpp"

#include <cerrno>
#include <liburing.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace harpia::inline v0::net {

struct io_batch::ring {
  ~ring() {
    if (is_open)
      io_uring_queue_exit(&queue);
  }

  // A ring with a single issuer and deferred task work costs least. Kernels before 6.1 do not have it: fall back to the default mode.
  bool open() noexcept {
    for (const unsigned flags : {IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0U})
      if (io_uring_queue_init(capacity, &queue, flags) == 0) {
        io_uring_register_ring_fd(&queue);
        return is_open = true;
      }
    return false;
  }

  io_uring queue{};
  std::array<msghdr, capacity> messages{}; // of writes of several buffers
  bool is_open = false;
};

io_uring_support find_io_uring() noexcept {
  io_uring tried{};
  if (io_uring_queue_init(1, &tried, 0) != 0)
    return io_uring_support::not_permitted;
  io_uring_queue_exit(&tried);
  return io_uring_support::works;
}

std::unique_ptr<io_batch> io_batch::make() {
  auto made = std::make_unique<ring>();
  if (!made->open())
    return nullptr;
  return std::unique_ptr<io_batch>{new io_batch{std::move(made)}};
}

io_batch::io_batch(std::unique_ptr<ring> made) noexcept : ring_{std::move(made)} {}

io_batch::~io_batch() = default;

void io_batch::write(int socket, std::size_t count) noexcept {
  auto& pieces = pieces_[size_];
  auto* entry = io_uring_get_sqe(&ring_->queue); // never null: there is one for each operation
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (count == 1) {
    io_uring_prep_send(entry, socket, pieces[0].iov_base, pieces[0].iov_len, flags);
  } else {
    auto& message = ring_->messages[size_];
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    io_uring_prep_sendmsg(entry, socket, &message, flags);
  }
  io_uring_sqe_set_data64(entry, size_++);
}

void io_batch::read(int socket, std::span<std::byte> target) noexcept {
  auto* entry = io_uring_get_sqe(&ring_->queue);
  io_uring_prep_recv(entry, socket, target.data(), target.size(), MSG_DONTWAIT);
  io_uring_sqe_set_data64(entry, size_++);
}

std::span<const io_result> io_batch::run() noexcept {
  const auto all = std::span{results_}.first(std::exchange(size_, 0));
  // Operations that a failing ring did not do count as not ready: the loop is level-triggered and tries again.
  for (auto& result : all)
    result.what = io_result::outcome::would_block;
  for (auto missing = static_cast<unsigned>(all.size()); missing > 0; missing -= collect()) {
    const auto submitted = io_uring_submit_and_wait(&ring_->queue, missing);
    if (submitted < 0 && submitted != -EINTR) {
      works_ = false; // operations that are still queued must not run later
      break;
    }
  }
  return all;
}

// Returns the number of operations that have completed since the last call.
unsigned io_batch::collect() noexcept {
  unsigned count = 0;
  unsigned head = 0;
  io_uring_cqe* done = nullptr;
  io_uring_for_each_cqe(&ring_->queue, head, done) {
    auto& result = results_[io_uring_cqe_get_data64(done)];
    if (done->res > 0) [[likely]] {
      result.what = io_result::outcome::done;
      result.size = static_cast<std::size_t>(done->res);
    } else {
      result = io_outcome(done->res < 0 ? -1 : done->res, -done->res);
    }
    ++count;
  }
  io_uring_cq_advance(&ring_->queue, count);
  return count;
}

} // namespace harpia::inline v0::net
