// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// A time as HTTP writes it (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string date(std::time_t time);

/// Reads a time in that form, or in one of both that are obsolete; nothing if it is none.
[[nodiscard]] std::optional<std::time_t> parse_date(std::string_view text);

/// The time to wait that a Retry-After field names (RFC 9110, 10.2.3), in seconds or as a time; 0 if it cannot be understood or has passed.
/// What is too long for a clock is the largest value.
[[nodiscard]] std::chrono::seconds retry_after(std::string_view field, std::time_t now);

} // namespace harpia::inline v0::http
