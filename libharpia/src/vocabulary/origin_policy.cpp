// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/origin_policy.hpp>

#include "vocabulary/lower.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace harpia::inline v0 {

namespace {

bool is_letter(char c) noexcept {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::string in_lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

// RFC 3986, 3.1
bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && is_letter(text.front())
         && std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

// RFC 3986, 3.2.2: a registered name in the form that browsers send, with international names already in ASCII (RFC 5891).
bool is_name(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

std::optional<std::string> shortest_ipv6(std::string_view digits) {
  in6_addr address{};
  char text[INET6_ADDRSTRLEN] = {};
  if (digits.find('\0') != std::string_view::npos || ::inet_pton(AF_INET6, std::string{digits}.c_str(), &address) != 1
      || ::inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr)
    return std::nullopt;
  return '[' + std::string{text} + ']';
}

std::uint16_t default_port(std::string_view scheme) noexcept {
  return scheme == "http" ? 80 : scheme == "https" ? 443 : 0;
}

/// Reads "host" or "host:port" into an origin of `scheme`.
std::optional<web_origin> parse_authority(std::string scheme, std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos)
    return std::nullopt;
  const auto colon = std::min(text.find(':', bracket), text.size());
  const auto host = text.substr(0, colon);
  web_origin origin{std::move(scheme), {}, 0};
  origin.port = default_port(origin.scheme);
  if (bracket != 0) {
    const auto address = host.ends_with(']') ? shortest_ipv6(host.substr(1, host.size() - 2)) : std::nullopt;
    if (!address)
      return std::nullopt;
    origin.host = *address;
  } else if (is_name(host)) {
    origin.host = in_lower_case(host);
  } else {
    return std::nullopt;
  }
  if (colon == text.size())
    return origin;
  const auto digits = text.substr(colon + 1);
  const auto* end = digits.data() + digits.size();
  const auto [stopped, failure] = std::from_chars(digits.data(), end, origin.port);
  if (failure != std::errc{} || stopped != end || origin.port == 0)
    return std::nullopt;
  return origin;
}

bool is_own_page(const web_origin& origin, const harpia::request& request) {
  if (origin.scheme != "http" && origin.scheme != "https")
    return false;
  const auto hosts = request.header_all("Host");
  return hosts.size() == 1 && parse_authority(origin.scheme, hosts.front()) == origin;
}

} // namespace

std::optional<web_origin> parse_origin(std::string_view text) {
  constexpr std::string_view separator = "://";
  const auto end = text.find(separator);
  if (end == std::string_view::npos || !is_scheme(text.substr(0, end)))
    return std::nullopt;
  return parse_authority(in_lower_case(text.substr(0, end)), text.substr(end + separator.size()));
}

origin_policy::origin_policy(std::span<const std::string_view> allowed) {
  auto& origins = rule_.emplace<list>();
  for (const auto text : allowed) {
    const auto origin = parse_origin(text);
    if (!origin)
      throw std::invalid_argument{"'origins' must each be a scheme, a host and perhaps a port, as \"https://example.com\", but '"
                                  + std::string{text} + "' is not"};
    // Browsers never send such an origin: it would match nothing.
    if (origin->scheme == "ws" || origin->scheme == "wss")
      throw std::invalid_argument{
          "'origins' must have the scheme http or https, but '" + std::string{text} + "' is the URL of a WebSocket"};
    origins.push_back(*origin);
  }
}

origin_policy::origin_policy(predicate decides) {
  if (!decides)
    throw std::invalid_argument{"the function of 'origins' is empty"};
  rule_ = std::move(decides);
}

bool origin_policy::accepts(const harpia::request& request) const {
  if (accepts_all())
    return true;
  const auto fields = request.header_all("Origin");
  if (fields.empty())
    return true;
  if (fields.size() != 1)
    return false;
  const auto text = fields.front();
  const auto origin = parse_origin(text);
  if (const auto* decides = std::get_if<predicate>(&rule_))
    return (origin || text == "null") && (*decides)(text, request);
  const auto& allowed = std::get<list>(rule_);
  return origin && (is_own_page(*origin, request) || std::ranges::find(allowed, *origin) != allowed.end());
}

} // namespace harpia::inline v0
