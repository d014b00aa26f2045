// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/request.hpp>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <sys/stat.h>

// What a request for a file says about it (RFC 9110, 12.5.3, 13 and 14).

namespace harpia::inline v0::detail {

/// How a file is told from its former versions.
struct validators {
  std::string tag; // with its quotation marks
  std::time_t changed;
};

/// The strong entity tag of a file, from its size and the time of its last change.
[[nodiscard]] std::string entity_tag(const struct ::stat& state, std::string_view coding);

/// Whether the client wants another version than this one, so that it gets 412.
[[nodiscard]] bool is_not_meant(const request& asked, const validators& known);

/// Whether the client has this version already, so that it gets 304.
[[nodiscard]] bool is_unchanged(const request& asked, const validators& known);

/// Whether the client accepts a content coding.
[[nodiscard]] bool accepts_coding(const request& asked, std::string_view coding);

/// The part of a file that the client asks for.
struct byte_range {
  enum class scope : std::uint8_t { whole, part, unsatisfiable };
  using enum scope;

  scope kind = scope::whole;
  std::uint64_t from = 0;
  std::uint64_t size = 0;
};

/// One range, or the whole file: several ranges are not supported, and a range of another version is not meant.
/// @param size of the file in bytes
[[nodiscard]] byte_range wanted_range(const request& asked, const validators& known, std::uint64_t size);

} // namespace harpia::inline v0::detail
