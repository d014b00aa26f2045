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

namespace harpia::inline v0::detail {

/// State shared by the copies of a `reply`: how to answer the peer's call `id`.
class reply_state {
public:
  /// @param send sends a message to the peer; thread-safe
  /// @param unanswered number of the peer's unanswered calls, including this one
  reply_state(std::uint64_t id, std::function<send_status(message_view)> send,
              std::shared_ptr<std::atomic<std::size_t>> unanswered)
      : id_{id}, send_{std::move(send)}, unanswered_{std::move(unanswered)} {
    ++*unanswered_;
  }
  reply_state(const reply_state&) = delete;
  reply_state& operator=(const reply_state&) = delete;
  ~reply_state();

  /// Sends the answer. From any thread; the first of several answers counts.
  send_status answer(websocket::verb what, message_view payload);

private:
  std::uint64_t id_;
  std::function<send_status(message_view)> send_;
  std::shared_ptr<std::atomic<std::size_t>> unanswered_;
  std::atomic<bool> answered_ = false;
};

} // namespace harpia::inline v0::detail
