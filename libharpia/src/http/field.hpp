// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "vocabulary/lower.hpp"

#include <string_view>

namespace harpia::inline v0::http {

/// Whether `name` is a field name and `value` a field value (RFC 9110, 5.1 and 5.5).
[[nodiscard]] bool is_field(std::string_view name, std::string_view value) noexcept;

/// Whether two field names are the same: compared without case (RFC 9110, 5.1).
[[nodiscard]] inline bool equal_fields(std::string_view one, std::string_view other) noexcept {
  return equal_ignoring_case(one, other);
}

/// Calls `visit(element)` for each element of a comma-separated field value that is not empty (RFC 9110, 5.6.1), until it returns true.
/// @return whether it did
template <class Visit>
bool visit_list(std::string_view list, Visit visit) {
  constexpr std::string_view blanks = " \t";
  while (!list.empty()) {
    auto element = list.substr(0, list.find(','));
    list.remove_prefix(element.size() < list.size() ? element.size() + 1 : element.size());
    const auto first = element.find_first_not_of(blanks);
    if (first == std::string_view::npos)
      continue;
    element = element.substr(first, element.find_last_not_of(blanks) - first + 1);
    if (visit(element))
      return true;
  }
  return false;
}

/// Whether a comma-separated field value holds `token`, compared without case.
[[nodiscard]] bool has_token(std::string_view list, std::string_view token) noexcept;

/// Whether `text` is a host with or without a port, as the Host field has it: "example.org", "[::1]:8080" (RFC 9110, 7.2; RFC 3986, 3.2.2).
/// The host may be empty.
[[nodiscard]] bool is_host(std::string_view text) noexcept;

} // namespace harpia::inline v0::http
