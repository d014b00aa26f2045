// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/url.hpp"

#include "input.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

// A URL is refused by std::invalid_argument alone, or its parts make a URL of the same parts, with nothing in them that could end a
// line of the opening handshake.

using harpia::fuzz::require;
using harpia::http::parse_url;

namespace {

void check(std::string_view url) {
  const auto parts = parse_url(url);
  const auto is_safe = [](char c) { return c > ' ' && c < '\x7f'; };
  const auto authority = parts.authority();
  require(!parts.host.empty() && parts.port != 0, "there is a host and a port");
  require(parts.target.starts_with('/'), "the target is in origin form");
  require(std::ranges::all_of(authority, is_safe) && std::ranges::all_of(parts.target, is_safe), "nothing ends a line");
  const auto again = parse_url(std::string{parts.scheme_name()} + "://" + authority + parts.target);
  require(again.scheme == parts.scheme && again.host == parts.host && again.port == parts.port && again.target == parts.target,
          "parts make the same parts");
  require(again.authority() == authority, "the authority has one spelling");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = harpia::fuzz::input{data, size}.rest();
  // Most inputs would break off at the scheme.
  for (const auto& url : {std::string{text}, "ws://" + std::string{text}, "wss://" + std::string{text}}) {
    bool accepted = false;
    try {
      (void)parse_url(url);
      accepted = true;
    } catch (const std::invalid_argument&) {
    }
    if (accepted)
      check(url);
  }
  return 0;
}
