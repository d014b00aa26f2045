// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>
#include <harpia/request.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::deflate {

/// The negotiated parameters of permessage-deflate (RFC 7692, 7.1).
struct deflate_agreement {
  int server_window_bits = 15; // 9 to 15
  int client_window_bits = 15; // 8 to 15
  context_takeover server_context_takeover = context_takeover::disabled;
  context_takeover client_context_takeover = context_takeover::disabled;
};

/// A server's response to an offer.
struct deflate_answer {
  deflate_agreement agreed;
  std::string extension; // the value of its Sec-WebSocket-Extensions field
};

/// Accepts the first offer that is valid and compatible with `options`.
/// @return nothing if there is none: messages are not compressed then
[[nodiscard]] std::optional<deflate_answer> accept_deflate(const request& opening, const deflate_options& options);

/// The value of a client's Sec-WebSocket-Extensions field.
[[nodiscard]] std::string offer_deflate(const deflate_options& options);

/// Parses a server's response to that offer.
/// @return nothing if the response is invalid (RFC 7692, 7.1): the client must fail the connection
[[nodiscard]] std::optional<deflate_agreement> read_deflate_answer(std::string_view field, const deflate_options& offered);

} // namespace harpia::inline v0::deflate
