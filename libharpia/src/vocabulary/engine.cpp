// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/engine.hpp>

namespace harpia::inline v0 {

std::string_view to_string(engine_state state) noexcept {
  switch (state) {
    case engine_state::none: return "none";
    case engine_state::away: return "away";
    case engine_state::connected: return "connected";
    case engine_state::ready: return "ready";
  }
  return {};
}

std::string_view to_string(publish_status status) noexcept {
  switch (status) {
    case publish_status::sent: return "sent";
    case publish_status::pending: return "pending";
    case publish_status::refused: return "refused";
  }
  return {};
}

std::string_view to_string(publish_outcome outcome) noexcept {
  switch (outcome) {
    case publish_outcome::local: return "local";
    case publish_outcome::stored: return "stored";
    case publish_outcome::duplicate: return "duplicate";
    case publish_outcome::refused: return "refused";
    case publish_outcome::expired: return "expired";
    case publish_outcome::unknown: return "unknown";
  }
  return {};
}

std::string_view to_string(reset_reason reason) noexcept {
  switch (reason) {
    case reset_reason::lost: return "lost";
    case reset_reason::diverged: return "diverged";
    case reset_reason::expired: return "expired";
  }
  return {};
}

} // namespace harpia::inline v0
