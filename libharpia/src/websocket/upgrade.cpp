// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/upgrade.hpp"

#include "vocabulary/trim.hpp"

#include "http/field.hpp"
#include "http/response.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdexcept>
#include <string>

namespace harpia::inline v0::websocket {

namespace {

/// The fields of an opening handshake, collected in one pass.
struct opening_fields {
  explicit opening_fields(const request& asked) {
    for (const auto& [name, value] : asked.fields()) {
      if (http::equal_fields(name, "Upgrade"))
        upgrades = upgrades || http::has_token(value, "websocket");
      else if (http::equal_fields(name, "Connection"))
        connection_upgrades = connection_upgrades || http::has_token(value, "upgrade");
      else if (http::equal_fields(name, "Host"))
        has_host = true;
      else if (http::equal_fields(name, "Content-Length"))
        has_body = has_body || value.find_first_not_of('0') != std::string_view::npos;
      else if (http::equal_fields(name, "Transfer-Encoding"))
        has_body = true;
      else if (http::equal_fields(name, "Sec-WebSocket-Version"))
        ++versions, version = value;
      else if (http::equal_fields(name, "Sec-WebSocket-Key"))
        ++keys, key = value;
    }
  }

  bool upgrades = false;
  bool connection_upgrades = false;
  bool has_host = false;
  bool has_body = false;
  std::size_t versions = 0;
  std::size_t keys = 0;
  std::string_view version; // the last one
  std::string_view key;
};

// RFC 6455, 4.2.1: base64 of 16 bytes is 22 characters and two pads. The last character carries 2 bits.
bool is_key(std::string_view key) {
  const auto is_base64 = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  };
  return key.size() == 24 && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, is_base64);
}

} // namespace

bool asks_for_websocket(const request& asked) {
  const auto first = asked.header("Upgrade");
  if (!first || http::has_token(*first, "websocket"))
    return first.has_value();
  const auto values = asked.header_all("Upgrade");
  return std::any_of(values.begin(), values.end(), [](std::string_view value) { return http::has_token(value, "websocket"); });
}

std::optional<http_response> check_upgrade(const request& asked) {
  if (asked.method() != "GET")
    return method_not_allowed(asked);
  const opening_fields opening{asked};
  if (!opening.upgrades)
    return upgrade_required();
  if (!opening.connection_upgrades)
    return http::refuse(400, "the Connection field lacks 'Upgrade'");
  if (!opening.has_host)
    return http::refuse(400, "the Host field is missing");
  if (opening.has_body) // a proxy would treat as the body what this side treats as frames
    return http::refuse(400, "an upgrade must not have a body");
  if (opening.versions != 1 || opening.version != "13") {
    auto refusal = http::refuse(426, "only version 13 of the WebSocket protocol is spoken here");
    refusal.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade, close"}, {"Sec-WebSocket-Version", "13"}};
    return refusal;
  }
  if (opening.keys == 0)
    return http::refuse(400, "the Sec-WebSocket-Key field is missing");
  if (opening.keys != 1 || !is_key(opening.key))
    return http::refuse(400, "the Sec-WebSocket-Key field is not 16 bytes in base64");
  return std::nullopt;
}

accept_digest::accept_digest() : sha1_{EVP_MD_fetch(nullptr, "SHA1", nullptr)}, context_{EVP_MD_CTX_new()} {
  if (!sha1_)
    throw std::runtime_error{"OpenSSL is configured without SHA-1, which the opening handshake of WebSockets needs"};
  if (!context_)
    throw std::bad_alloc{};
}

void accept_digest::release::operator()(evp_md_st* algorithm) const noexcept {
  EVP_MD_free(algorithm);
}

void accept_digest::release::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

void accept_digest::append(std::string& out, std::string_view key) const {
  constexpr std::string_view salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  if (EVP_DigestInit_ex(context_.get(), sha1_.get(), nullptr) != 1
      || EVP_DigestUpdate(context_.get(), key.data(), key.size()) != 1
      || EVP_DigestUpdate(context_.get(), salt.data(), salt.size()) != 1
      || EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
    throw std::bad_alloc{};
  std::array<unsigned char, (SHA_DIGEST_LENGTH + 2) / 3 * 4 + 1> text{};
  const auto size = EVP_EncodeBlock(text.data(), digest.data(), SHA_DIGEST_LENGTH);
  out.append(text.begin(), text.begin() + size);
}

std::string accept_upgrade(const request& asked, const header_fields& fields, const accept_digest& digest) {
  std::string answer;
  answer.reserve(256);
  answer.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ");
  digest.append(answer, asked.header("Sec-WebSocket-Key").value_or(""));
  answer.append("\r\n");
  const auto add = [&answer](std::string_view name, std::string_view value) {
    answer.append(name).append(": ").append(value).append("\r\n");
  };
  bool has_server = false;
  for (const auto& [name, value] : fields) {
    if (!http::is_field(name, value))
      continue;
    add(name, value);
    has_server = has_server || http::equal_fields(name, "Server");
  }
  if (!has_server)
    add("Server", "harpia");
  return answer.append("\r\n");
}

http_response upgrade_required() {
  auto refusal = http::refuse(426, "this is a WebSocket");
  refusal.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade, close"}};
  return refusal;
}

http_response method_not_allowed(const request& asked) {
  auto refusal = http::refuse(405, "only GET and HEAD are answered, not " + std::string{asked.method()});
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

} // namespace harpia::inline v0::websocket
