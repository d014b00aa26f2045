// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session_context.hpp"

#include <utility>

namespace harpia::websocket {

std::unique_ptr<engine> session_context::borrow() {
  if (idle_.empty()) {
    auto fresh = resources_->make();
    fresh->open();
    return fresh;
  }
  auto lent = std::move(idle_.back());
  idle_.pop_back();
  return lent;
}

void session_context::give_back(std::unique_ptr<engine> idle) {
  if (idle_.size() < max_idle)
    idle_.push_back(std::move(idle));
}

} // namespace harpia::websocket
