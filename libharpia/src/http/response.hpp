// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// Whether to send the body: a HEAD request gets only the header section.
enum class body_part : bool { omitted, included };

/// What becomes of the connection after a response.
enum class persistence : std::uint8_t {
  close,    ///< it ends
  keep,     ///< a further request may follow
  keep_1_0, ///< the same for a client of HTTP/1.0, which has to be told
};

/// How the recipient knows where the body ends (RFC 9112, 6).
enum class body_end : std::uint8_t {
  length,     ///< Content-Length
  chunks,     ///< the chunked transfer coding
  connection, ///< the end of the connection
};

/// How a response is written.
struct response_form {
  body_part body = body_part::included;
  persistence after = persistence::close;
  body_end end = body_end::length;
  std::optional<std::uint64_t> length = {}; // of a body that is written apart, in place of that of the response
};

/// What is wrong with a response that a handler has made, as a phrase; nothing if it can be sent.
[[nodiscard]] std::optional<std::string> fault_of(const http_response& response);

/// Whether a response with this status never has a body (RFC 9110, 6.4.1).
[[nodiscard]] bool has_no_body(int status) noexcept;

/// A response as HTTP/1.1 sends it. Its own fields replace those that are added: Date, Connection, Content-Type and Content-Length.
/// @param response one without a fault
/// @param form with an end other than by its length, only the head is returned
[[nodiscard]] std::string serialize(const http_response& response, const response_form& form = {});

/// `bytes` as a chunk (RFC 9112, 7.1). Must not be empty.
void append_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// A plain-text response whose body is the status and the reason.
[[nodiscard]] http_response refuse(int status, std::string_view why);

} // namespace harpia::inline v0::http
