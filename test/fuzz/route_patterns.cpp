// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/pattern.hpp"
#include "routing/route_table.hpp"

#include "input.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Lines of patterns, an empty line, lines of paths. Patterns are refused by std::invalid_argument alone, and a table of the others finds
// what a matcher finds that tries them one by one.

using harpia::fuzz::require;
using harpia::routing::max_segments;
using harpia::routing::pattern;
using harpia::routing::segment_kind;

namespace {

using texts = std::vector<std::string>;
using parameters = std::vector<std::pair<std::string, std::string>>;

std::optional<pattern> parse(std::string_view text) {
  try {
    return pattern::parse(text);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::optional<std::string> decode(std::string_view text) {
  const auto digit = [](char c) { return std::string_view{"0123456789abcdefABCDEF"}.find(c); };
  const auto value = [&](char c) { return static_cast<int>(digit(c) > 15 ? digit(c) - 6 : digit(c)); };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) == std::string_view::npos || digit(text[i + 2]) == std::string_view::npos)
      return std::nullopt;
    plain += static_cast<char>(value(text[i + 1]) * 16 + value(text[i + 2]));
    i += 2;
  }
  return plain;
}

std::optional<texts> split(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return std::nullopt;
  texts parts;
  std::string part;
  for (const char c : std::string{path.substr(1)} + '/') {
    if (c == '/')
      parts.push_back(std::exchange(part, {}));
    else
      part += c;
  }
  if (parts.back().empty())
    parts.pop_back(); // of "/", or behind a final slash
  if (parts.size() > max_segments)
    return std::nullopt;
  for (auto& each : parts) {
    auto plain = decode(each);
    if (!plain)
      return std::nullopt;
    each = *std::move(plain);
  }
  return parts;
}

std::optional<parameters> match(const pattern& route, const texts& path) {
  parameters taken;
  std::size_t i = 0;
  for (const auto& [kind, text] : route.segments()) {
    if (kind == segment_kind::tail) {
      std::string rest;
      for (auto from = i; from < path.size(); ++from)
        rest.append(from == i ? "" : "/").append(path[from]);
      taken.emplace_back(text, rest);
      return taken;
    }
    if (i == path.size() || (kind == segment_kind::literal ? path[i] != text : path[i].empty()))
      return std::nullopt;
    if (kind == segment_kind::param)
      taken.emplace_back(text, path[i]);
    ++i;
  }
  return i == path.size() ? std::optional{taken} : std::nullopt;
}

/// What patterns are compared by, the most specific first: those that match the same paths have the same. An end is preferred to a tail.
std::vector<std::pair<segment_kind, std::string>> rank(const pattern& route) {
  std::vector<std::pair<segment_kind, std::string>> kinds;
  for (const auto& [kind, text] : route.segments())
    kinds.emplace_back(kind, kind == segment_kind::literal ? text : std::string{});
  return kinds;
}

void check_spelling(const pattern& parsed) {
  const auto text = parsed.to_string();
  const auto again = parse(text);
  require(again && *again == parsed, "a normalised pattern parses to an equal one");
  require(again->to_string() == text, "a pattern has one normalised spelling");
}

void check_join(std::string_view prefix, std::string_view text) {
  const auto outer = parse(prefix);
  const auto inner = parse(text);
  try {
    const auto joined = harpia::routing::join(prefix, text);
    require(inner && (outer || prefix.empty()), "only patterns are joined");
    auto segments = outer ? outer->segments() : std::vector<harpia::routing::segment>{};
    segments.insert(segments.end(), inner->segments().begin(), inner->segments().end());
    require(joined.segments() == segments, "a joined pattern has the segments of both");
  } catch (const std::invalid_argument&) {
  }
}

class tables {
public:
  void insert(const pattern& route) {
    bool is_new = true;
    for (const auto& other : routes_)
      is_new = is_new && rank(other) != rank(route);
    bool inserted = true;
    try {
      table_.insert(route, routes_.size());
    } catch (const std::invalid_argument&) {
      inserted = false;
    }
    require(inserted == is_new, "a pattern is refused if and only if one that matches the same paths is there");
    if (inserted)
      routes_.push_back(route);
  }

  void check(std::string_view path) const {
    const pattern* best = nullptr;
    parameters taken;
    if (const auto parts = split(path)) {
      for (const auto& route : routes_) {
        auto params = match(route, *parts);
        if (params && (!best || rank(route) < rank(*best))) {
          best = &route;
          taken = *std::move(params);
        }
      }
    }
    const auto found = table_.find(path);
    require(found.has_value() == (best != nullptr), "a path is found if and only if a pattern matches");
    if (!found)
      return;
    require(&routes_[*found->value] == best, "the most specific pattern is found");
    require(found->params == taken, "parameters are what the pattern took");
  }

private:
  std::vector<pattern> routes_; // by the value in the table
  harpia::routing::route_table<std::size_t> table_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_lines = 32; // of each kind: the naive way costs their product
  harpia::fuzz::input in{data, size};
  tables both;
  std::string_view before;
  for (std::size_t i = 0; i < max_lines; ++i) {
    const auto line = in.take_until('\n');
    if (line.empty())
      break;
    if (const auto route = parse(line)) {
      check_spelling(*route);
      both.insert(*route);
    }
    check_join(before, line);
    before = line;
  }
  for (std::size_t i = 0; i < max_lines && !in.empty(); ++i)
    both.check(in.take_until('\n'));
  return 0;
}
