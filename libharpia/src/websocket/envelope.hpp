// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::websocket {

/// What an envelope is: a call, or one of its two answers.
enum class verb : std::uint8_t { call, reply, error };

/// A message of the calling protocol: a line of ASCII, "VERB ID\n", then the payload, which is anything.
///
/// The id is decimal, without leading zeros, and the caller's: unique among those of its calls that are not answered yet.
struct envelope {
  websocket::verb verb;
  std::uint64_t id;
  std::string_view payload; // borrowed from the message
};

/// Takes a message apart; nothing if it is no envelope, to the letter, and so an ordinary message.
[[nodiscard]] std::optional<envelope> parse_envelope(std::string_view message) noexcept;

[[nodiscard]] std::string make_envelope(verb what, std::uint64_t id, std::string_view payload);

} // namespace harpia::websocket
