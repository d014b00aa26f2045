// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/file_conditions.hpp"

#include "http/date.hpp"
#include "http/field.hpp"
#include "vocabulary/lower.hpp"
#include "vocabulary/trim.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

namespace harpia::inline v0::detail {

namespace {

void append_hex(std::string& out, std::uint64_t number) {
  std::array<char, 2 * sizeof number> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr);
}

// A number that is too large for its type is as good as the largest one: no file has that many bytes.
std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, failure] = std::from_chars(digits.data(), end, number);
  if (digits.empty() || stopped != end || failure == std::errc::invalid_argument)
    return std::nullopt;
  return failure == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : number;
}

// The weak comparison: whether a tag is weak does not matter (RFC 9110, 8.8.3.2).
bool matches_weakly(std::string_view list, std::string_view tag) {
  return http::visit_list(list, [&](std::string_view element) {
    if (element.starts_with("W/"))
      element.remove_prefix(2);
    return element == "*" || element == tag;
  });
}

// A quality of 0 means: not this one (RFC 9110, 12.4.2).
bool has_no_quality(std::string_view parameters) {
  const auto equals = parameters.find('=');
  if (equals == std::string_view::npos || !equal_ignoring_case(trim(parameters.substr(0, equals), "; \t"), "q"))
    return false;
  return trim(parameters.substr(equals + 1)).find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

std::string entity_tag(const struct ::stat& state, std::string_view coding) {
  std::string tag = "\"";
  append_hex(
      tag, static_cast<std::uint64_t>(state.st_mtim.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(state.st_mtim.tv_nsec));
  tag.push_back('-');
  append_hex(tag, static_cast<std::uint64_t>(state.st_size));
  if (!coding.empty())
    tag.append("-").append(coding);
  return tag.append("\"");
}

bool is_not_meant(const request& asked, const validators& known) {
  if (const auto tags = asked.header_all("If-Match"); !tags.empty())
    return std::ranges::none_of(tags, [&](std::string_view list) {
      return http::visit_list(list, [&](std::string_view element) { return element == "*" || element == known.tag; });
    });
  const auto since = asked.header("If-Unmodified-Since");
  const auto time = since ? http::parse_date(*since) : std::nullopt;
  return time && known.changed > *time;
}

bool is_unchanged(const request& asked, const validators& known) {
  if (const auto tags = asked.header_all("If-None-Match"); !tags.empty())
    return std::ranges::any_of(tags, [&](std::string_view list) { return matches_weakly(list, known.tag); });
  const auto since = asked.header("If-Modified-Since");
  const auto time = since ? http::parse_date(*since) : std::nullopt;
  return time && known.changed <= *time;
}

bool accepts_coding(const request& asked, std::string_view coding) {
  std::optional<bool> any;
  std::optional<bool> this_one;
  for (const auto list : asked.header_all("Accept-Encoding"))
    http::visit_list(list, [&](std::string_view element) {
      const auto size = std::min(element.find(';'), element.size());
      const auto name = trim(element.substr(0, size));
      const bool accepted = !has_no_quality(element.substr(size));
      if (name == "*")
        any = accepted;
      else if (equal_ignoring_case(name, coding))
        this_one = accepted;
      return false;
    });
  return this_one.value_or(any.value_or(false));
}

byte_range wanted_range(const request& asked, const validators& known, std::uint64_t size) {
  const byte_range whole{.size = size};
  const auto field = asked.header("Range");
  if (!field || asked.method() != "GET" || asked.header_all("Range").size() > 1)
    return whole;
  if (const auto version = asked.header("If-Range")) {
    const auto time = http::parse_date(*version);
    if (*version != known.tag && !(time && *time == known.changed))
      return whole;
  }
  constexpr std::string_view unit = "bytes=";
  if (!equal_ignoring_case(field->substr(0, unit.size()), unit))
    return whole;
  const auto range = trim(field->substr(unit.size()));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) // also several, since then a part holds a comma
    return whole;
  const auto first = parse_number(range.substr(0, dash));
  const auto last = parse_number(range.substr(dash + 1));
  if (!first && dash == 0 && last) { // the last bytes
    const auto count = std::min(*last, size);
    if (count == 0)
      return {.kind = byte_range::unsatisfiable};
    return {.kind = byte_range::part, .from = size - count, .size = count};
  }
  if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first))
    return whole;
  if (*first >= size)
    return {.kind = byte_range::unsatisfiable};
  return {.kind = byte_range::part, .from = *first, .size = std::min(last.value_or(size), size - 1) - *first + 1};
}

} // namespace harpia::inline v0::detail
