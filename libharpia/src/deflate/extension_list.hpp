// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::deflate {

/// An extension in a Sec-WebSocket-Extensions field (RFC 6455, 9.1).
struct extension {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::optional<std::string>>> parameters; // name and optional value of each
};

/// The extensions in a field, in their order; nothing if the field is malformed. Names refer to `field`.
[[nodiscard]] std::optional<std::vector<extension>> read_extensions(std::string_view field);

} // namespace harpia::inline v0::deflate
