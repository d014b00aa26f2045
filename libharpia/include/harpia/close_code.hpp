// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace harpia::inline v0 {

/// The status code of a close frame: why a connection closed.
///
/// Applications may use any number from 3000 to 4999, for example `close_code{4001}`.
///
/// *Source*: RFC 6455, 7.4, and the IANA registry of WebSocket close codes.
enum class close_code : std::uint16_t {
  normal = 1000,              ///< the connection has fulfilled its purpose
  going_away = 1001,          ///< the server stops, or the browser leaves the page
  protocol_error = 1002,      ///< the peer violated the protocol
  unsupported_data = 1003,    ///< the endpoint does not accept this kind of message
  no_status = 1005,           ///< the peer's close frame had no code; never sent
  abnormal = 1006,            ///< the connection ended without a close frame; never sent
  invalid_payload = 1007,     ///< text that is not UTF-8
  policy_violation = 1008,    ///< a refusal that no other code describes
  message_too_big = 1009,     ///< the message exceeds the receiver's limit
  mandatory_extension = 1010, ///< the server's handshake lacks an extension that the client requires
  internal_error = 1011,      ///< the server failed, for example because a handler threw
  service_restart = 1012,     ///< the server restarts; the client may reconnect soon
  try_again_later = 1013,     ///< the server is overloaded
  bad_gateway = 1014,         ///< an upstream server sent an invalid response
  tls_handshake = 1015,       ///< the TLS handshake failed; never sent
};

/// Returns whether an endpoint may send `code` in a close frame.
///
/// *Source*: RFC 6455, 7.4.1 and 7.4.2.
[[nodiscard]] constexpr bool is_sendable(close_code code) noexcept {
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= 3000 && number <= 4999)
    return true;
  return number >= 1000 && number <= 1014 && number != 1004 && number != 1005 && number != 1006;
}

/// Returns the enumerator's name, or an empty string for a number that has none.
[[nodiscard]] HARPIA_API std::string_view to_string(close_code code) noexcept;

/// Maximum length of a close reason in bytes: a control frame's 125 bytes of payload less the code (RFC 6455, 5.5).
inline constexpr std::size_t max_close_reason = 123;

} // namespace harpia::inline v0
