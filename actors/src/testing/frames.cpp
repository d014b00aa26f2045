// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "testing/frames.hpp"

#include "vocabulary/lower.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <openssl/evp.h>
#include <stdexcept>

namespace harpia::inline v0::testing {

namespace {

// The example key of RFC 6455, 1.3. With a fixed key there is only one valid answer.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept_of_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::string_view mask = "\x37\xfa\x21\x3d";

[[noreturn]] void fail(role by, const std::string& what) {
  throw std::runtime_error{(by == role::client ? "the client sent " : "the server sent ") + what};
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

std::string masked_or_unmasked(std::string_view payload, std::string_view with) {
  std::string result{payload};
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<char>(result[i] ^ with[i % with.size()]);
  return result;
}

void append_fields(std::string& head, const header_fields& headers) {
  for (const auto& [name, value] : headers)
    if (!value.empty())
      head.append(name).append(": ").append(value).append("\r\n");
}

/// Iterates over the lines of an HTTP head.
class line_reader {
public:
  explicit line_reader(std::string_view head) noexcept : left_{head} {}

  std::string_view next() {
    const auto end = left_.find("\r\n");
    const auto line = left_.substr(0, end);
    left_.remove_prefix(end == left_.npos ? left_.size() : end + 2);
    return line;
  }

private:
  std::string_view left_;
};

std::vector<request::field> parse_fields(line_reader& lines, role by) {
  std::vector<request::field> fields;
  for (auto line = lines.next(); !line.empty(); line = lines.next()) {
    const auto colon = line.find(':');
    if (colon == line.npos)
      fail(by, "something else than a header field: " + std::string{line});
    fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return fields;
}

// Sec-WebSocket-Accept (RFC 6455, 4.2.2).
std::string accept_of(std::string_view handshake_key) {
  const auto whole = std::string{handshake_key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(whole.data(), whole.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> text{}; // 28 characters and a zero
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return reinterpret_cast<const char*>(text.data());
}

} // namespace

std::string encode_frame(const frame& what, role by) {
  const auto size = what.payload.size();
  const bool masked = what.mask == frame::masking::due ? by == role::client : what.mask == frame::masking::masked;
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
  return bytes.append(mask).append(masked_or_unmasked(what.payload, mask));
}

std::optional<received_frame> first_frame(std::string_view bytes, role by) {
  if (bytes.size() < 2)
    return std::nullopt;
  const auto head = from_big_endian(bytes.substr(0, 2));
  received_frame frame{static_cast<unsigned>(head >> 8 & 0x0f), (head & 0x8000) != 0, {}, 2};
  auto size = head & 0x7f;
  if ((head & 0x7000) != 0)
    fail(by, "a frame with a reserved bit");
  const bool masked = (head & 0x80) != 0;
  if (masked != (by == role::client))
    fail(by, masked ? "a frame with a mask" : "a frame without a mask");
  if (frame.opcode >= opcode::close && (!frame.final || size > 125))
    fail(by, "a fragmented or too long control frame");
  if (size >= 126) {
    const bool is_short = size == 126;
    frame.size += is_short ? 2 : 8;
    if (bytes.size() < frame.size)
      return std::nullopt;
    size = from_big_endian(bytes.substr(2, frame.size - 2));
    if (size <= (is_short ? 125u : 0xffffu) || size >> 63 != 0)
      fail(by, "a frame whose length is badly encoded: " + std::to_string(size));
  }
  const std::size_t mask_size = masked ? 4 : 0;
  if (bytes.size() - frame.size < mask_size + size)
    return std::nullopt;
  const auto sent_mask = bytes.substr(frame.size, mask_size);
  frame.size += mask_size;
  const auto payload = bytes.substr(frame.size, size);
  frame.payload = masked ? masked_or_unmasked(payload, sent_mask) : std::string{payload};
  frame.size += size;
  return frame;
}

std::string encode_closing(close_code code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint16_t>(code), 2);
  return payload.append(reason);
}

ending decode_closing(std::string_view payload, role by) {
  if (payload.empty())
    return {close_code::no_status, {}};
  if (payload.size() == 1)
    fail(by, "a close frame with half a code");
  const auto code = static_cast<close_code>(from_big_endian(payload.substr(0, 2)));
  if (!is_sendable(code))
    fail(by, "the close code " + std::to_string(static_cast<unsigned>(code)) + ", which must not be sent");
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
  append_fields(request, headers);
  return request.append("\r\n");
}

http_response parse_head(std::string_view head) {
  line_reader lines{head};
  const auto status_line = lines.next(); // "HTTP/1.1 101 Switching Protocols"
  http_response answer{.status = 0, .content_type = {}};
  if (status_line.starts_with("HTTP/1.1 ") && status_line.size() > 12)
    std::from_chars(status_line.data() + 9, status_line.data() + 12, answer.status);
  if (answer.status < 100)
    fail(role::server, "something else than an HTTP answer: " + std::string{status_line});
  for (const auto& [name, value] : parse_fields(lines, role::server))
    answer.headers.emplace_back(name, value);
  if (const auto* type = find_field(answer.headers, "Content-Type"))
    answer.content_type = *type;
  return answer;
}

std::optional<std::string> decode_chunks(std::string_view bytes) {
  std::string body;
  for (;;) {
    const auto line = bytes.find("\r\n");
    if (line == bytes.npos)
      return std::nullopt;
    std::size_t size = 0;
    const auto [end, failure] = std::from_chars(bytes.data(), bytes.data() + line, size, 16);
    if (failure != std::errc{} || end != bytes.data() + line)
      fail(role::server, "a malformed chunk");
    bytes.remove_prefix(line + 2);
    if (bytes.size() < size + 2)
      return std::nullopt;
    if (!bytes.substr(size).starts_with("\r\n"))
      fail(role::server, "a chunk without its end");
    if (size == 0)
      return body;
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size + 2);
  }
}

const std::string* find_field(const header_fields& fields, std::string_view name) noexcept {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](auto& field) { return equal_ignoring_case(field.first, name); });
  return found == fields.end() ? nullptr : &found->second;
}

void check_upgrade(const http_response& answer, extensions offer) {
  const auto value = [&](std::string_view name) {
    const auto* found = find_field(answer.headers, name);
    return found ? std::string_view{*found} : std::string_view{};
  };
  if (!equal_ignoring_case(value("Upgrade"), "websocket") || !equal_ignoring_case(value("Connection"), "upgrade"))
    fail(role::server, "a 101 without 'Upgrade: websocket' and 'Connection: Upgrade'");
  if (value("Sec-WebSocket-Accept") != accept_of_key)
    fail(role::server, "a 101 with a wrong 'Sec-WebSocket-Accept'");
  if (offer == extensions::none && !value("Sec-WebSocket-Extensions").empty())
    fail(role::server, "a 101 with an extension that was not offered");
}

request parse_request(std::string_view head) {
  line_reader lines{head};
  const auto request_line = lines.next(); // "GET /target HTTP/1.1"
  const auto first = request_line.find(' ');
  const auto last = request_line.rfind(' ');
  if (first == request_line.npos || first == last || request_line.substr(last) != " HTTP/1.1")
    fail(role::client, "something else than an HTTP request: " + std::string{request_line});
  return {request_line.substr(0, first), request_line.substr(first + 1, last - first - 1), parse_fields(lines, role::client)};
}

std::string upgrade_answer(const harpia::request& request, const header_fields& headers) {
  const auto value = [&](std::string_view name) { return request.header(name).value_or(std::string_view{}); };
  if (!equal_ignoring_case(value("Upgrade"), "websocket") || !equal_ignoring_case(value("Connection"), "upgrade")
      || value("Sec-WebSocket-Version") != "13" || value("Sec-WebSocket-Key").size() != 24)
    fail(role::client, "a request that asks for no WebSocket: " + std::string{request.target()});
  auto answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept_of(value("Sec-WebSocket-Key")) + "\r\n";
  append_fields(answer, headers);
  return answer.append("\r\n");
}

std::string refusal(int status) {
  return "HTTP/1.1 " + std::to_string(status) + " Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
}

} // namespace harpia::inline v0::testing
