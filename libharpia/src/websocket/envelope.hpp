// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::websocket {

/// The kind of an envelope: a call or one of its two responses.
enum class verb : std::uint8_t { call, reply, error };

/// A message of the call protocol: a line of ASCII, "VERB ID\n", then an arbitrary payload.
///
/// The caller chooses the id: decimal, without leading zeros, unique among its unanswered calls.
struct envelope {
  websocket::verb verb;
  std::uint64_t id;
  std::string_view payload; // refers to the message
};

/// Parses a message. Nothing unless it is exactly an envelope; it is an ordinary message then.
[[nodiscard]] std::optional<envelope> parse_envelope(std::string_view message) noexcept;

[[nodiscard]] std::string make_envelope(verb what, std::uint64_t id, std::string_view payload);

} // namespace harpia::inline v0::websocket
