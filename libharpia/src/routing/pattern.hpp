// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::routing {

/// The most segments that a pattern or a path may have; no pattern is longer, no longer path matches.
inline constexpr std::size_t max_segments = 128;

enum class segment_kind : std::uint8_t {
  literal, ///< matches one segment that is the same after percent-decoding
  param,   ///< `:name`, matches any one segment that is not empty
  tail,    ///< a final `*`, matches the rest, which may be empty
};

/// What a pattern has between two slashes.
struct segment {
  segment_kind kind;
  std::string text; ///< literal: percent-decoded; param: the name without ':'; tail: "*"

  friend bool operator==(const segment&, const segment&) = default;
};

/// A route's path, for example "/user/:id/files/*", as a list of segments.
///
/// Literal segments may be given percent-encoded or not; a literal that begins with ':' or holds '*' is given encoded (%3A, %2A).
/// One trailing slash is ignored. A value; equal if it matches the same paths and gives the same names.
class pattern {
public:
  /// @throws std::invalid_argument naming `text` and what is wrong with it
  [[nodiscard]] static pattern parse(std::string_view text);

  /// Empty for "/".
  [[nodiscard]] const std::vector<segment>& segments() const noexcept { return segments_; }

  /// The normalised pattern, which parses to an equal one: without a trailing slash, with everything percent-encoded that is no
  /// `pchar` (RFC 3986, 3.3).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const pattern&, const pattern&) = default;

private:
  explicit pattern(std::vector<segment> segments) : segments_{std::move(segments)} {}

  std::vector<segment> segments_;
};

/// The pattern `text` mounted under `prefix`, itself a pattern without '*', or empty: "/api/" and "/x" give "/api/x".
/// @throws std::invalid_argument naming the offender if one is malformed, or the whole if it is (a name that occurs in both)
[[nodiscard]] pattern join(std::string_view prefix, std::string_view text);

} // namespace harpia::routing
