// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <span>

namespace harpia::websocket {

/// Whether `text` is UTF-8 (RFC 3629) from its first byte to its last.
[[nodiscard]] bool is_utf8(std::span<const std::byte> text) noexcept;

} // namespace harpia::websocket
