// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/session.hpp"

#include "support/told.hpp"

#include <harpia/deflate_options.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::test {

/// How a session and a Beast stream read the same bytes.
struct comparison {
  role reader = role::server;
  std::size_t max_message = std::size_t{1} << 20; ///< bytes, after decompression
  std::optional<deflate_options> deflate = {}; ///< what both ends of each conversation offer or accept; nothing: no compression
  websocket::messages given = websocket::messages::whole; ///< by the session
};

/// Size of the next piece of a stream, at least 1.
using piece_sizes = std::function<std::size_t()>;

/// Opens a session and a Beast stream, gives both `frames` and the end, and compares what they told and wrote.
/// @return the first difference that compared_readers.cpp does not list as a deliberate one, or nothing
[[nodiscard]] std::optional<std::string>
find_difference(const comparison& how, std::string_view frames, const piece_sizes& to_session, const piece_sizes& to_beast);

/// The part that compares: what a session and Beast told of `frames`, each up to its end.
[[nodiscard]] std::optional<std::string>
find_difference(const comparison& how, std::string_view frames, const told_list& sessions, const told_list& beasts);

} // namespace harpia::test
