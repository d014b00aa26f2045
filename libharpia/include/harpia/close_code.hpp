// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace harpia {

/// Why a connection closed (RFC 6455, 7.4, and the IANA registry of close codes).
///
/// Applications may use any number from 3000 to 4999, for example `close_code{4001}`.
enum class close_code : std::uint16_t {
  normal = 1000,              ///< the purpose was fulfilled
  going_away = 1001,          ///< a server that stops, a page that is left
  protocol_error = 1002,      ///< the peer broke the protocol
  unsupported_data = 1003,    ///< a kind of message that the endpoint does not take
  no_status = 1005,           ///< the peer's close frame had no code; never sent
  abnormal = 1006,            ///< the connection ended without a close frame; never sent
  invalid_payload = 1007,     ///< text that is not UTF-8
  policy_violation = 1008,    ///< any other refusal
  message_too_big = 1009,     ///< over the receiver's limit
  mandatory_extension = 1010, ///< a client missed an extension in the server's handshake
  internal_error = 1011,      ///< the server failed, for example because a handler threw
  service_restart = 1012,     ///< come back in a moment
  try_again_later = 1013,     ///< overloaded
  bad_gateway = 1014,         ///< an upstream server answered badly
  tls_handshake = 1015,       ///< the TLS handshake failed; never sent
};

/// Whether an endpoint may put `code` into a close frame (RFC 6455, 7.4.1 and 7.4.2).
[[nodiscard]] constexpr bool is_sendable(close_code code) noexcept {
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= 3000 && number <= 4999)
    return true;
  return number >= 1000 && number <= 1014 && number != 1004 && number != 1005 && number != 1006;
}

/// The enumerator's name, or an empty string for a number that has none.
[[nodiscard]] HARPIA_API std::string_view to_string(close_code code) noexcept;

/// The longest reason that fits into a close frame, in bytes (RFC 6455, 5.5: 125 less the code).
inline constexpr std::size_t max_close_reason = 123;

} // namespace harpia
