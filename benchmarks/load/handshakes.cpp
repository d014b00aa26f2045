// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "handshakes.hpp"

namespace load {

void handshakes::begin(worker& clients) {
  for (std::size_t i = 0; i < concurrency_; ++i)
    clients.open(i);
  outstanding_ = concurrency_;
}

nanoseconds handshakes::turn_ended(worker& clients, bool sending) {
  for (const auto index : clients.take_closed()) {
    count_message();
    if (sending)
      clients.open(index);
    else
      --outstanding_;
  }
  return std::chrono::milliseconds{10};
}

} // namespace load
