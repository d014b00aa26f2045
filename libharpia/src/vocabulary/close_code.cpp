// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/close_code.hpp>

namespace harpia::inline v0 {

std::string_view to_string(close_code code) noexcept {
  switch (code) {
    case close_code::normal: return "normal";
    case close_code::going_away: return "going_away";
    case close_code::protocol_error: return "protocol_error";
    case close_code::unsupported_data: return "unsupported_data";
    case close_code::no_status: return "no_status";
    case close_code::abnormal: return "abnormal";
    case close_code::invalid_payload: return "invalid_payload";
    case close_code::policy_violation: return "policy_violation";
    case close_code::message_too_big: return "message_too_big";
    case close_code::mandatory_extension: return "mandatory_extension";
    case close_code::internal_error: return "internal_error";
    case close_code::service_restart: return "service_restart";
    case close_code::try_again_later: return "try_again_later";
    case close_code::bad_gateway: return "bad_gateway";
    case close_code::tls_handshake: return "tls_handshake";
  }
  return {};
}

} // namespace harpia::inline v0
