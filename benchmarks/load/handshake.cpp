// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "handshake.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace load {

namespace {

// The example of RFC 6455, section 1.3.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept_value = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

char lower(char byte) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
}

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view header(std::string_view head, std::string_view name) {
  for (auto line = head.find("\r\n"); line != head.npos; line = head.find("\r\n", line + 2)) {
    const auto text = head.substr(line + 2, head.find("\r\n", line + 2) - line - 2);
    const auto colon = text.find(':');
    if (colon != text.npos && same_name(text.substr(0, colon), name))
      return trimmed(text.substr(colon + 1));
  }
  return {};
}

} // namespace

std::string upgrade_request(const endpoint& server, std::string_view path, offer offered) {
  std::string request = "GET ";
  request += path;
  request += " HTTP/1.1\r\nHost: " + server.host + ':' + std::to_string(server.port);
  request += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  request += key;
  if (offered == offer::deflate)
    request += "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  return request + "\r\n\r\n";
}

void check_upgrade_response(std::string_view head, offer offered) {
  const auto quoted = " (it answered '" + std::string{head.substr(0, head.find("\r\n"))} + "')";
  if (!head.starts_with("HTTP/1.1 101"))
    throw std::runtime_error{"the server refused the upgrade" + quoted};
  if (header(head, "Sec-WebSocket-Accept") != accept_value || !same_name(header(head, "Upgrade"), "websocket"))
    throw std::runtime_error{"the server's handshake is wrong: no fitting Upgrade and Sec-WebSocket-Accept" + quoted};
  const auto extensions = header(head, "Sec-WebSocket-Extensions");
  if (offered == offer::nothing && !extensions.empty())
    throw std::runtime_error{"the server chose an extension that was not offered: " + std::string{extensions}};
  // Each message must inflate by itself, since all clients share one inflater.
  if (offered == offer::deflate
      && (!extensions.starts_with("permessage-deflate") || extensions.find("server_no_context_takeover") == extensions.npos))
    throw std::runtime_error{"the server does not compress without context takeover; it chose '" + std::string{extensions} + "'"};
}

} // namespace load
