// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/utf8.hpp"

#include "deflate/inflater.hpp"
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <optional>
#include <string_view>

namespace harpia::inline v0::websocket {

/// A fault in what was received: the error for the local listener and the close code for the peer.
struct message_fault {
  errc what;
  close_code code;
  std::string_view detail = {}; // a literal

  friend bool operator==(const message_fault&, const message_fault&) = default;
};

inline constexpr message_fault invalid_text{errc::invalid_text, close_code::invalid_payload};           // RFC 6455, 8.1
inline constexpr message_fault message_too_big{errc::message_too_big, close_code::message_too_big};     // RFC 6455, 7.4.1
inline constexpr message_fault malformed_deflate{errc::protocol_violation, close_code::invalid_payload, // RFC 7692, 7.2.1
                                                 "a compressed message is malformed"};
[[nodiscard]] constexpr message_fault protocol_fault(std::string_view detail) noexcept { // RFC 6455, 7.4.1
  return {errc::protocol_violation, close_code::protocol_error, detail};
}

/// The fault of a compressed message or part, if any.
[[nodiscard]] inline std::optional<message_fault> fault_of(deflate::inflated result) {
  switch (result) {
    case deflate::inflated::good: break;
    case deflate::inflated::malformed: return malformed_deflate;
    case deflate::inflated::too_large: return message_too_big;
  }
  return std::nullopt;
}

/// The fault of a compressed message, or of its decompressed content, if any.
[[nodiscard]] inline std::optional<message_fault> fault_of(deflate::inflated result, message_view message) {
  if (const auto fault = fault_of(result))
    return fault;
  return message.is_text() && !is_utf8(message.bytes()) ? std::optional{invalid_text} : std::nullopt;
}

} // namespace harpia::inline v0::websocket
