// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/envelope.hpp"
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace harpia::detail {

/// What the copies of a `reply` share: the way to a peer that waits for the answer to its call `id`.
class reply_state {
public:
  /// @param send brings a message to the peer; any thread may call it
  /// @param unanswered counts the calls of the peer that have no answer yet, this one among them
  reply_state(std::uint64_t id, std::function<send_status(message_view)> send,
              std::shared_ptr<std::atomic<std::size_t>> unanswered)
      : id_{id}, send_{std::move(send)}, unanswered_{std::move(unanswered)} {
    ++*unanswered_;
  }
  reply_state(const reply_state&) = delete;
  reply_state& operator=(const reply_state&) = delete;
  ~reply_state();

  /// From any thread; of several answers the first counts.
  send_status answer(websocket::verb what, message_view payload);

private:
  std::uint64_t id_;
  std::function<send_status(message_view)> send_;
  std::shared_ptr<std::atomic<std::size_t>> unanswered_;
  std::atomic<bool> answered_ = false;
};

} // namespace harpia::detail
