// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/thread_pool.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <utility>

namespace harpia::inline v0::net {

struct thread_pool::state {
  state(unsigned threads, std::size_t most) : most_waiting{most}, pool{threads} {}

  const std::size_t most_waiting;
  std::atomic<std::size_t> waiting = 0;
  boost::asio::thread_pool pool;
};

thread_pool::thread_pool(unsigned threads, std::size_t most_waiting) : state_{std::make_unique<state>(threads, most_waiting)} {}

thread_pool::~thread_pool() {
  state_->pool.stop();
  state_->pool.join();
}

bool thread_pool::post(std::function<void()> function) {
  if (state_->waiting.fetch_add(1) >= state_->most_waiting) {
    --state_->waiting;
    return false;
  }
  boost::asio::post(state_->pool, [all = state_.get(), own = std::move(function)] {
    --all->waiting;
    own();
  });
  return true;
}

} // namespace harpia::inline v0::net
