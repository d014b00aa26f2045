// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frames.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace harpia::testing {

namespace {

// The example of RFC 6455, 1.3: with one key for all there is one right answer.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept_of_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::array<unsigned char, 4> mask{0x37, 0xfa, 0x21, 0x3d};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{"the server sent " + what};
}

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

void append_big_endian(std::string& bytes, std::uint64_t number, unsigned size) {
  for (auto shift = 8 * size; shift > 0; shift -= 8)
    bytes += static_cast<char>(number >> (shift - 8) & 0xff);
}

std::uint64_t from_big_endian(std::string_view bytes) noexcept {
  std::uint64_t number = 0;
  for (const char byte : bytes)
    number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

std::string client::encode(const frame& what) {
  const auto size = what.payload.size();
  const bool masked = what.mask == frame::masking::masked;
  const unsigned mask_bit = masked ? 0x80 : 0;
  std::string bytes;
  bytes.reserve(size + 14);
  append_big_endian(bytes, (what.final ? 0x80u : 0u) | (what.reserved & 7u) << 4 | (what.opcode & 0x0fu), 1);
  if (size < 126) {
    append_big_endian(bytes, mask_bit | size, 1);
  } else {
    const bool is_short = size <= 0xffff;
    append_big_endian(bytes, mask_bit | (is_short ? 126 : 127), 1);
    append_big_endian(bytes, size, is_short ? 2 : 8);
  }
  if (!masked)
    return bytes + what.payload;
  for (const auto byte : mask)
    bytes += static_cast<char>(byte);
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(static_cast<unsigned char>(what.payload[i]) ^ mask[i % mask.size()]);
  return bytes;
}

std::optional<received_frame> first_frame(std::string_view bytes) {
  if (bytes.size() < 2)
    return std::nullopt;
  const auto head = from_big_endian(bytes.substr(0, 2));
  received_frame frame{static_cast<unsigned>(head >> 8 & 0x0f), (head & 0x8000) != 0, {}, 2};
  auto size = head & 0x7f;
  if ((head & 0x7000) != 0)
    fail("a frame with a reserved bit");
  if ((head & 0x80) != 0)
    fail("a frame with a mask");
  if (frame.opcode >= opcode::close && (!frame.final || size > 125))
    fail("a fragmented or too long control frame");
  if (size >= 126) {
    const bool is_short = size == 126;
    frame.size += is_short ? 2 : 8;
    if (bytes.size() < frame.size)
      return std::nullopt;
    size = from_big_endian(bytes.substr(2, frame.size - 2));
    if (size <= (is_short ? 125u : 0xffffu) || size >> 63 != 0)
      fail("a frame whose length is badly encoded: " + std::to_string(size));
  }
  if (bytes.size() - frame.size < size)
    return std::nullopt;
  frame.payload = bytes.substr(frame.size, size);
  frame.size += size;
  return frame;
}

std::string encode_closing(close_code code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint16_t>(code), 2);
  return payload.append(reason);
}

ending decode_closing(std::string_view payload) {
  if (payload.empty())
    return {close_code::no_status, {}};
  if (payload.size() == 1)
    fail("a close frame with half a code");
  const auto code = static_cast<close_code>(from_big_endian(payload.substr(0, 2)));
  if (!is_sendable(code))
    fail("the close code " + std::to_string(static_cast<unsigned>(code)) + ", which must not be sent");
  return {code, std::string{payload.substr(2)}};
}

std::string upgrade_request(std::string_view target, const header_fields& headers) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> own{
      {{"Host", "world"},
       {"Upgrade", "websocket"},
       {"Connection", "Upgrade"},
       {"Sec-WebSocket-Key", key},
       {"Sec-WebSocket-Version", "13"}}};
  std::string request;
  request.reserve(256);
  request.append("GET ").append(target).append(" HTTP/1.1\r\n");
  for (const auto& [name, value] : own)
    if (!find_field(headers, name))
      request.append(name).append(": ").append(value).append("\r\n");
  for (const auto& [name, value] : headers)
    if (!value.empty())
      request.append(name).append(": ").append(value).append("\r\n");
  return request.append("\r\n");
}

http_response parse_head(std::string_view head) {
  const auto next_line = [&] {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head.remove_prefix(end + 2);
    return line;
  };
  const auto status_line = next_line(); // "HTTP/1.1 101 Switching Protocols"
  http_response answer{.status = 0, .content_type = {}};
  if (status_line.starts_with("HTTP/1.1 ") && status_line.size() > 12)
    std::from_chars(status_line.data() + 9, status_line.data() + 12, answer.status);
  if (answer.status < 100)
    fail("something else than an HTTP answer: " + std::string{status_line});
  for (auto line = next_line(); !line.empty(); line = next_line()) {
    const auto colon = line.find(':');
    if (colon == line.npos)
      fail("something else than a header field: " + std::string{line});
    answer.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  if (const auto* type = find_field(answer.headers, "Content-Type"))
    answer.content_type = *type;
  return answer;
}

const std::string* find_field(const header_fields& fields, std::string_view name) noexcept {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](auto& field) { return equal_without_case(field.first, name); });
  return found == fields.end() ? nullptr : &found->second;
}

void check_upgrade(const http_response& answer) {
  const auto value = [&](std::string_view name) {
    const auto* found = find_field(answer.headers, name);
    return found ? std::string_view{*found} : std::string_view{};
  };
  if (!equal_without_case(value("Upgrade"), "websocket") || !equal_without_case(value("Connection"), "upgrade"))
    fail("a 101 without 'Upgrade: websocket' and 'Connection: Upgrade'");
  if (value("Sec-WebSocket-Accept") != accept_of_key)
    fail("a 101 with a wrong 'Sec-WebSocket-Accept'");
  if (!value("Sec-WebSocket-Extensions").empty())
    fail("a 101 with an extension that was not offered");
}

} // namespace harpia::testing
