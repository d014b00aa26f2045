// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/forwarded_for.hpp"

#include "vocabulary/trim.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace harpia::inline v0::http {

namespace {

bool is_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, port);
  return failure == std::errc{} && stopped == end;
}

/// Parses "192.0.2.1", "2001:db8::1" and "[2001:db8::1]"; the first and the last may have a port.
std::optional<network_address> parse_node(std::string_view text) noexcept {
  auto host = text;
  auto rest = std::string_view{};
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos)
      return std::nullopt;
    host = text.substr(1, bracket - 1);
    rest = text.substr(bracket + 1);
    if (host.find(':') == std::string_view::npos)
      return std::nullopt;
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1))))
    return std::nullopt;
  return network_address::parse(host);
}

} // namespace

std::string client_address(std::string_view peer, const harpia::request& request, const address_set& trusted) {
  std::string client{peer};
  if (!trusted.contains_peer(peer))
    return client;
  auto fields = request.header_all("X-Forwarded-For");
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    auto rest = *field;
    for (bool more = true; more;) {
      const auto comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      const auto node = parse_node(trim(more ? rest.substr(comma + 1) : rest));
      if (!node)
        return client;
      client = node->to_string();
      if (!trusted.contains(*node))
        return client;
      if (more)
        rest = rest.substr(0, comma);
    }
  }
  return client;
}

} // namespace harpia::inline v0::http
