// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/pattern.hpp"
#include <harpia/request.hpp>

#include <algorithm>
#include <stdexcept>

namespace harpia::inline v0::routing {

namespace {

[[noreturn]] void refuse_pattern(std::string_view text, std::string_view why) {
  std::string what = "pattern '";
  what.append(text).append("': ").append(why);
  throw std::invalid_argument{what};
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_char(char c) {
  return is_alphanumeric(c) || c == '_';
}

/// Whether a path never contains `c` unencoded, so that a pattern with it would never match.
bool is_misplaced(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '?' || c == '#'; // `char` may be signed or not
}

segment parse_param(std::string_view text, std::string_view name, const std::vector<segment>& before) {
  if (name.empty() || !std::ranges::all_of(name, is_name_char))
    refuse_pattern(text, "a name after ':' must be one or more of A-Z, a-z, 0-9 and _");
  segment result{segment_kind::param, std::string{name}};
  if (std::ranges::find(before, result) != before.end())
    refuse_pattern(text, "the name '" + result.text + "' occurs twice");
  return result;
}

segment parse_literal(std::string_view text, std::string_view encoded) {
  auto decoded = percent_decode(encoded);
  if (!decoded)
    refuse_pattern(text, "a '%' must be followed by two hexadecimal digits");
  return {segment_kind::literal, *std::move(decoded)};
}

segment parse_segment(std::string_view text, std::string_view part, const std::vector<segment>& before) {
  if (!before.empty() && before.back().kind == segment_kind::tail)
    refuse_pattern(text, "'*' must be the whole last segment");
  if (part.empty())
    refuse_pattern(text, "a segment is empty");
  if (part == "*")
    return {segment_kind::tail, "*"};
  if (part.find('*') != std::string_view::npos)
    refuse_pattern(text, "'*' must be the whole last segment");
  if (part.front() == '{' || part.back() == '}')
    refuse_pattern(text, "a parameter is written ':name', not '{name}'; a brace in a path is written '%7B' or '%7D'");
  if (part.front() == ':')
    return parse_param(text, part.substr(1), before);
  return parse_literal(text, part);
}

/// RFC 3986, 3.3: `pchar` without '*', which would be read as a tail.
bool is_plain(char c) {
  return is_alphanumeric(c) || (c != '\0' && std::string_view{"-._~!$&'()+,;=:@"}.find(c) != std::string_view::npos);
}

void append_encoded(std::string& out, std::string_view literal) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (is_plain(c) && !(i == 0 && c == ':')) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0x0fU];
  }
}

} // namespace

pattern pattern::parse(std::string_view text) {
  if (!text.starts_with('/'))
    refuse_pattern(text, "must begin with '/'");
  if (std::ranges::any_of(text, is_misplaced))
    refuse_pattern(text, "must not contain '?', '#', spaces or control characters");
  std::vector<segment> segments;
  auto rest = text.substr(1);
  if (rest.empty())
    return pattern{std::move(segments)};
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  for (bool more = true; more;) {
    const auto size = std::min(rest.find('/'), rest.size());
    if (segments.size() == max_segments)
      refuse_pattern(text, "has more than " + std::to_string(max_segments) + " segments");
    segments.push_back(parse_segment(text, rest.substr(0, size), segments));
    more = size < rest.size();
    rest.remove_prefix(more ? size + 1 : size);
  }
  return pattern{std::move(segments)};
}

std::string pattern::to_string() const {
  if (segments_.empty())
    return "/";
  std::string result;
  for (const auto& [kind, text] : segments_) {
    result += '/';
    switch (kind) {
      case segment_kind::literal: append_encoded(result, text); break;
      case segment_kind::param: result.append(":").append(text); break;
      case segment_kind::tail: result += '*'; break;
    }
  }
  return result;
}

pattern join(std::string_view prefix, std::string_view text) {
  auto mounted = pattern::parse(text);
  if (prefix.empty())
    return mounted;
  if (prefix.find('*') != std::string_view::npos)
    refuse_pattern(prefix, "a prefix must not contain '*'");
  auto base = pattern::parse(prefix);
  if (base.segments().empty())
    return mounted;
  if (mounted.segments().empty())
    return base;
  return pattern::parse(base.to_string() + mounted.to_string());
}

} // namespace harpia::inline v0::routing
