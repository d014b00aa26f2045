// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/upgrade.hpp>

#include <harpia/protocol/http.hpp>

#include <algorithm>
#include <string>

namespace harpia::protocol {

namespace {

bool any_has_token(const request& asked, std::string_view field, std::string_view token) {
  const auto values = asked.header_all(field);
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) { return has_token(value, token); });
}

// RFC 6455, 4.2.1: base64 of 16 bytes is 22 characters and two pads. The last of them carries 2 bits.
bool is_key(std::string_view key) {
  const auto is_base64 = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  };
  return key.size() == 24 && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, is_base64);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

bool asks_for_websocket(const request& asked) {
  return any_has_token(asked, "Upgrade", "websocket");
}

std::optional<http_response> check_upgrade(const request& asked) {
  if (asked.method() != "GET")
    return method_not_allowed(asked);
  if (!asks_for_websocket(asked))
    return upgrade_required();
  if (!any_has_token(asked, "Connection", "upgrade"))
    return refuse(400, "the Connection field lacks 'Upgrade'");
  if (!asked.header("Host"))
    return refuse(400, "the Host field is missing");
  const auto versions = asked.header_all("Sec-WebSocket-Version");
  if (versions.size() != 1 || versions.front() != "13") {
    auto refusal = refuse(426, "only version 13 of the WebSocket protocol is spoken here");
    refusal.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade, close"}, {"Sec-WebSocket-Version", "13"}};
    return refusal;
  }
  const auto keys = asked.header_all("Sec-WebSocket-Key");
  if (keys.empty())
    return refuse(400, "the Sec-WebSocket-Key field is missing");
  if (keys.size() != 1 || !is_key(keys.front()))
    return refuse(400, "the Sec-WebSocket-Key field is not 16 bytes in base64");
  return std::nullopt;
}

http_response upgrade_required() {
  auto refusal = refuse(426, "this is a WebSocket");
  refusal.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade, close"}};
  return refusal;
}

http_response method_not_allowed(const request& asked) {
  auto refusal = refuse(405, "only GET and HEAD are answered, not " + std::string{asked.method()});
  refusal.headers = {{"Allow", "GET, HEAD"}};
  return refusal;
}

std::vector<std::string_view> offered_subprotocols(const request& asked) {
  std::vector<std::string_view> offered;
  for (auto list : asked.header_all("Sec-WebSocket-Protocol")) {
    while (!list.empty()) {
      const auto comma = std::min(list.find(','), list.size());
      if (const auto name = trim(list.substr(0, comma)); !name.empty())
        offered.push_back(name);
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return offered;
}

std::string_view choose_subprotocol(const request& asked, const std::vector<std::string>& spoken) {
  if (spoken.empty())
    return {};
  const auto offered = offered_subprotocols(asked);
  for (const auto& name : spoken)
    if (std::find(offered.begin(), offered.end(), name) != offered.end())
      return name;
  return {};
}

} // namespace harpia::protocol
