// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/pool.hpp>

#include "net/thread_pool.hpp"

#include <stdexcept>

namespace harpia::inline v0 {

pool::pool(unsigned threads, std::size_t most_waiting) {
  if (threads == 0)
    throw std::invalid_argument{"a pool needs at least one thread"};
  threads_ = std::make_unique<net::thread_pool>(threads, most_waiting);
}

pool::~pool() = default;

bool pool::submit(std::function<void()> task) {
  return threads_->post(std::move(task));
}

} // namespace harpia::inline v0
