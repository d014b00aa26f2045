// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/send_status.hpp>

namespace harpia::inline v0 {

std::string_view to_string(send_status status) noexcept {
  switch (status) {
    case send_status::sent: return "sent";
    case send_status::buffered: return "buffered";
    case send_status::dropped: return "dropped";
    case send_status::closed: return "closed";
  }
  return {};
}

std::string_view to_string(ready_state state) noexcept {
  switch (state) {
    case ready_state::open: return "open";
    case ready_state::closing: return "closing";
    case ready_state::closed: return "closed";
  }
  return {};
}

} // namespace harpia::inline v0
