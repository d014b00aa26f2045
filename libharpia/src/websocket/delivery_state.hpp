// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/send_options.hpp>

#include <cstdint>
#include <memory>

namespace harpia::inline v0::websocket {

/// Who is told the outcome of one message.
struct delivery_state {
  /// The `life` of a message that was sent from outside of the connection's handlers.
  static constexpr std::uint32_t no_life = static_cast<std::uint32_t>(-1);

  decltype(send_options::on_outcome) on_outcome; // empty once it was called
  std::uint32_t life = 0;                        // number of the connection's restarts when the message was sent
};

using delivery_ptr = std::shared_ptr<delivery_state>;

} // namespace harpia::inline v0::websocket
