// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/stored_message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::test {

[[nodiscard]] inline fleet::shared_content content_of(std::string_view text, std::string unique = {}) {
  return std::make_shared<const fleet::content>(
      fleet::content{.frame = websocket::make_frame(text), .unique = std::move(unique)});
}

/// The id of message `number` of node 7.
[[nodiscard]] inline fleet::message_id id(std::uint64_t number) {
  return number == 0 ? fleet::message_id{} : fleet::message_id{7, number};
}

/// A history in which message n of node 7 has offset n.
[[nodiscard]] inline fleet::stored_message stored(std::uint64_t epoch, std::uint64_t offset, std::string_view text = "x") {
  return {{epoch, offset}, id(offset), id(offset - 1), content_of(text)};
}

/// A message of another branch: another node's number `number`.
[[nodiscard]] inline fleet::stored_message
forked(std::uint64_t epoch, std::uint64_t offset, std::uint64_t number, const fleet::message_id& previous) {
  return {{epoch, offset}, {8, number}, previous, content_of("y")};
}

[[nodiscard]] inline fleet::bookmark mark(std::uint64_t epoch, std::uint64_t offset) {
  return {{epoch, offset}, id(offset)};
}

[[nodiscard]] inline fleet::time_point at(std::int64_t milliseconds) {
  return fleet::time_point{} + std::chrono::milliseconds{milliseconds};
}

} // namespace harpia::test
