// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::routing {

/// Maximum number of segments of a pattern or a path. Longer patterns are rejected; longer paths match nothing.
inline constexpr std::size_t max_segments = 128;

enum class segment_kind : std::uint8_t {
  literal, ///< matches one segment that is the same after percent-decoding
  param,   ///< `:name`, matches any one segment that is not empty
  tail,    ///< a final `*`, matches the rest, which may be empty
};

/// A part of a pattern between two slashes.
struct segment {
  segment_kind kind;
  std::string text; ///< literal: percent-decoded; param: the name without ':'; tail: "*"

  friend bool operator==(const segment&, const segment&) = default;
};

/// A route's path, for example "/user/:id/files/*", as a list of segments.
///
/// Literal segments may be given percent-encoded or not; a literal that begins with ':' or holds '*' is given encoded (%3A, %2A).
/// One trailing slash is ignored. A value; two patterns are equal if they match the same paths and have the same names.
class pattern {
public:
  /// @throws std::invalid_argument naming `text` and what is wrong with it
  [[nodiscard]] static pattern parse(std::string_view text);

  /// Empty for "/".
  [[nodiscard]] const std::vector<segment>& segments() const noexcept { return segments_; }

  /// The normalised pattern, which parses to an equal one: without a trailing slash, and with every character percent-encoded that is
  /// not a `pchar` (RFC 3986, 3.3).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const pattern&, const pattern&) = default;

private:
  explicit pattern(std::vector<segment> segments) : segments_{std::move(segments)} {}

  std::vector<segment> segments_;
};

/// The pattern `text` mounted under `prefix`: "/api/" and "/x" give "/api/x". `prefix` is a pattern without '*', or empty.
/// @throws std::invalid_argument naming the malformed argument, or the joined pattern if that is malformed (a name occurs in both)
[[nodiscard]] pattern join(std::string_view prefix, std::string_view text);

} // namespace harpia::inline v0::routing
