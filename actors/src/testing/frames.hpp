// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/request.hpp>
#include <harpia/testing/connection_end.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The test's side of RFC 6455. It shares no code with the library, so that a bug in one does not hide a bug in the other.
namespace harpia::inline v0::testing {

using header_fields = std::vector<std::pair<std::string, std::string>>;

namespace opcode {
inline constexpr unsigned continuation = 0;
inline constexpr unsigned text = 1;
inline constexpr unsigned binary = 2;
inline constexpr unsigned close = 8;
inline constexpr unsigned ping = 9;
inline constexpr unsigned pong = 10;
} // namespace opcode

enum class role : bool { client, server };

[[nodiscard]] constexpr role other(role one) noexcept {
  return one == role::client ? role::server : role::client;
}

struct received_frame {
  unsigned opcode;
  bool final;
  std::string payload; // unmasked
  std::size_t size;    // of the whole frame
};

/// The bytes of a frame that `by` sends.
[[nodiscard]] std::string encode_frame(const frame& what, role by);
/// The first frame of `bytes`; nothing while it is incomplete. @throws std::runtime_error for a frame that `by` must not send
[[nodiscard]] std::optional<received_frame> first_frame(std::string_view bytes, role by);

/// The payload of a close frame.
[[nodiscard]] std::string encode_closing(close_code code, std::string_view reason);
/// @throws std::runtime_error if it is malformed; the text names the sender
[[nodiscard]] ending decode_closing(std::string_view payload, role by);

/// An upgrade request with a fixed key. Fields of `headers` replace its own; an empty value removes the field.
[[nodiscard]] std::string upgrade_request(std::string_view target, const header_fields& headers);

/// Parses the head of an HTTP response. @throws std::runtime_error if it is malformed
[[nodiscard]] http_response parse_head(std::string_view head);
/// The body that the chunked transfer coding has in `bytes` (RFC 9112, 7.1); nothing while it is incomplete.
/// @throws std::runtime_error if it is malformed
[[nodiscard]] std::optional<std::string> decode_chunks(std::string_view bytes);
/// @return the value of the first field of that name, case-insensitive; null if there is none
[[nodiscard]] const std::string* find_field(const header_fields& fields, std::string_view name) noexcept;
/// Whether a client has offered extensions.
enum class extensions : bool { none, offered };

/// @throws std::runtime_error if a 101 is no valid answer to `upgrade_request`
void check_upgrade(const http_response& answer, extensions offer);

/// Parses the head of a client's request. @throws std::runtime_error if it is malformed
[[nodiscard]] request parse_request(std::string_view head);
/// The 101 for a client's request. @throws std::runtime_error if it is no WebSocket upgrade
[[nodiscard]] std::string upgrade_answer(const harpia::request& request, const header_fields& headers);
/// A response with another status and no body.
[[nodiscard]] std::string refusal(int status);

} // namespace harpia::inline v0::testing
