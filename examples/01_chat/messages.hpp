// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What travels between the chat and its page: JSON objects, one a message, whose "type" says what they are.
namespace chat {

inline constexpr std::size_t max_name = 32;   // characters
inline constexpr std::size_t max_room = 32;   // characters
inline constexpr std::size_t max_text = 2000; // characters

/// What a visitor sent is not accepted; `what` is the answer to them.
class refusal : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// A name as it is shown, without surrounding spaces.
/// @throws refusal if it is empty, too long, no UTF-8 or has control characters
[[nodiscard]] std::string checked_name(std::string_view name);

/// @throws refusal unless it consists of letters, digits, '-' and '_' and is not too long
[[nodiscard]] std::string checked_room(std::string_view room);

/// The text in `{"type":"say","text":…}`, the one message that visitors send.
/// @throws refusal if it is not such a message, or its text is empty or too long
[[nodiscard]] std::string parse_say(std::string_view json);

/// The first message to a visitor: who they are.
[[nodiscard]] std::string welcome(std::string_view room, std::string_view user_id, std::string_view name);
/// Everyone in the room; sent whenever it changes.
[[nodiscard]] std::string here(const std::vector<std::string>& names);
[[nodiscard]] std::string joined(std::string_view name);
[[nodiscard]] std::string left(std::string_view name);
[[nodiscard]] std::string said(std::string_view user_id, std::string_view name, std::string_view text,
                               std::chrono::system_clock::time_point at);
[[nodiscard]] std::string error(std::string_view message);

} // namespace chat
