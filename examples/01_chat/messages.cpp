// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "messages.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cctype>
#include <system_error>

namespace chat {

namespace json = boost::json;

namespace {

/// The number of code points; nothing if `text` is no UTF-8. Query parameters come as any bytes, and a text message must be UTF-8.
std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
    const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xc2 ? 0 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
    if (length == 0 || byte(0) > 0xf4 || length > text.size() - at)
      return std::nullopt;
    for (std::size_t offset = 1; offset < length; ++offset)
      if ((byte(offset) & 0xc0) != 0x80)
        return std::nullopt;
    // Overlong forms, surrogates and what is beyond U+10FFFF show in the second byte.
    if ((byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) > 0x9f) || (byte(0) == 0xf0 && byte(1) < 0x90)
        || (byte(0) == 0xf4 && byte(1) > 0x8f))
      return std::nullopt;
    at += length;
  }
  return count;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string over(std::string_view what, std::size_t limit) {
  return std::string{what} + " has at most " + std::to_string(limit) + " characters";
}

} // namespace

std::string checked_name(std::string_view name) {
  name = trim(name);
  const auto characters = count_characters(name);
  if (name.empty())
    throw refusal{"a name is needed"};
  if (!characters || std::ranges::any_of(name, is_control))
    throw refusal{"a name has printable characters only"};
  if (*characters > max_name)
    throw refusal{over("a name", max_name)};
  return std::string{name};
}

std::string checked_room(std::string_view room) {
  if (room.size() > max_room)
    throw refusal{over("the name of a room", max_room)};
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (room.empty() || !std::ranges::all_of(room, allowed))
    throw refusal{"the name of a room has letters, digits, '-' and '_' only"};
  return std::string{room};
}

std::string parse_say(std::string_view text) {
  boost::system::error_code failure;
  const auto message = json::parse({text.data(), text.size()}, failure);
  if (failure || !message.is_object())
    throw refusal{"a message is a JSON object"};
  const auto* type = message.get_object().if_contains("type");
  if (!type || !type->is_string() || type->get_string() != "say")
    throw refusal{"the type of a message is \"say\""};
  const auto* said = message.get_object().if_contains("text");
  if (!said || !said->is_string())
    throw refusal{"a message of type \"say\" has a string \"text\""};
  const auto trimmed = trim({said->get_string().data(), said->get_string().size()});
  if (trimmed.empty())
    throw refusal{"the text is empty"};
  if (count_characters(trimmed).value_or(max_text + 1) > max_text)
    throw refusal{over("a text", max_text)};
  return std::string{trimmed};
}

std::string welcome(std::string_view room, std::string_view user_id, std::string_view name) {
  return json::serialize(json::value{{"type", "welcome"}, {"room", room}, {"user", user_id}, {"name", name}});
}

std::string here(const std::vector<std::string>& names) {
  return json::serialize(json::value{{"type", "here"}, {"names", json::array(names.begin(), names.end())}});
}

std::string joined(std::string_view name) {
  return json::serialize(json::value{{"type", "joined"}, {"name", name}});
}

std::string left(std::string_view name) {
  return json::serialize(json::value{{"type", "left"}, {"name", name}});
}

std::string said(std::string_view user_id, std::string_view name, std::string_view text,
                 std::chrono::system_clock::time_point at) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return json::serialize(json::value{{"type", "said"}, {"user", user_id}, {"name", name}, {"text", text}, {"at", milliseconds}});
}

std::string error(std::string_view message) {
  return json::serialize(json::value{{"type", "error"}, {"message", message}});
}

} // namespace chat
