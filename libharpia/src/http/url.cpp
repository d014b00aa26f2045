// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/url.hpp"

#include "vocabulary/lower.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>

namespace harpia::inline v0::http {

namespace {

std::uint16_t default_port(url_scheme scheme) noexcept {
  return scheme == url_scheme::ws ? 80 : 443;
}

[[noreturn]] void refuse_url(std::string_view url, const std::string& why) {
  throw std::invalid_argument{"'" + std::string{url} + "' cannot be connected to: " + why};
}

bool is_visible(char c) noexcept {
  return c > 0x20 && c < 0x7F;
}

// RFC 3986, 3.2.2: a registered name, without the sub-delimiters, which no name in use has.
bool is_name_character(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

bool has_scheme(std::string_view url, std::string_view scheme) noexcept {
  return equal_ignoring_case(url.substr(0, scheme.size()), scheme);
}

std::uint16_t parse_port(std::string_view url, std::string_view digits) {
  std::uint16_t port = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, failure] = std::from_chars(digits.data(), end, port);
  if (failure != std::errc{} || stopped != end || port == 0)
    refuse_url(url, "its port is not a number from 1 to 65535");
  return port;
}

// Removes the host from `authority`. The rest is the port with its colon, or empty.
std::string take_host(std::string_view url, std::string_view& authority) {
  if (!authority.starts_with('[')) {
    const auto size = std::min(authority.find(':'), authority.size());
    const auto host = authority.substr(0, size);
    authority.remove_prefix(size);
    if (host.empty())
      refuse_url(url, "it names no host");
    if (!std::ranges::all_of(host, is_name_character))
      refuse_url(url, "its host is neither a name nor an address");
    return std::string{host};
  }
  const auto end = authority.find(']');
  std::string host{authority.substr(1, end == std::string_view::npos ? end : end - 1)};
  in6_addr parsed{};
  if (end == std::string_view::npos || ::inet_pton(AF_INET6, host.c_str(), &parsed) != 1)
    refuse_url(url, "its host is no IPv6 address in brackets");
  authority.remove_prefix(end + 1);
  return host;
}

// RFC 3986, 5.2.4, of a path that begins with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const auto size = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, size);
    path.remove_prefix(size);
    const bool is_last = path.empty();
    if (segment == "/..")
      result.resize(result.rfind('/') == std::string::npos ? 0 : result.rfind('/'));
    else if (segment != "/.")
      result.append(segment);
    if (is_last && (segment == "/.." || segment == "/."))
      result.push_back('/');
  }
  return result;
}

} // namespace

std::string websocket_url::authority() const {
  auto text = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != default_port(scheme))
    text.append(":").append(std::to_string(port));
  return text;
}

websocket_url parse_url(std::string_view url) {
  websocket_url parts;
  if (has_scheme(url, "wss://"))
    parts.scheme = url_scheme::wss;
  else if (!has_scheme(url, "ws://"))
    refuse_url(url, "it begins with neither \"ws://\" nor \"wss://\"");
  parts.port = default_port(parts.scheme);
  if (!std::ranges::all_of(url, is_visible))
    refuse_url(url, "it holds a character that must be percent-encoded");
  if (url.find('#') != std::string_view::npos)
    refuse_url(url, "a WebSocket's URL has no fragment");
  auto rest = url.substr(parts.scheme_name().size() + std::string_view{"://"}.size());
  auto authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos)
    refuse_url(url, "a WebSocket's URL has no user name");
  parts.host = take_host(url, authority);
  if (!authority.empty() && !authority.starts_with(':'))
    refuse_url(url, "something else than a port follows its host");
  if (authority.size() > 1) // RFC 3986, 3.2.3: a colon without a port means the default
    parts.port = parse_port(url, authority.substr(1));
  parts.target = rest.starts_with('/') ? std::string{rest} : '/' + std::string{rest};
  return parts;
}

websocket_url resolve_reference(const websocket_url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty())
    refuse_url(reference, "it is empty");
  const auto own_scheme = std::string{base.scheme_name()};
  if (reference.starts_with("//"))
    return parse_url(own_scheme + ":" + std::string{reference});
  if (has_scheme(reference, "http://") || has_scheme(reference, "https://"))
    return parse_url("ws" + std::string{reference.substr(std::string_view{"http"}.size())});
  const auto before_path = reference.substr(0, reference.find_first_of("/?"));
  if (before_path.find(':') != std::string_view::npos)
    return parse_url(reference);
  const auto base_path = std::string_view{base.target}.substr(0, base.target.find('?'));
  const auto path = reference.substr(0, reference.find('?'));
  const auto query = reference.substr(path.size());
  std::string whole{base_path};
  if (path.starts_with('/'))
    whole = without_dot_segments(path);
  else if (!path.empty())
    whole = without_dot_segments(std::string{base_path.substr(0, base_path.rfind('/') + 1)}.append(path));
  return parse_url(own_scheme + "://" + base.authority() + whole.append(query));
}

} // namespace harpia::inline v0::http
