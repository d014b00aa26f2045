// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "raw_client.hpp"

#include "support/connect_to.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <boost/uuid/detail/sha1.hpp>
#include <cctype>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <random>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

namespace harpia::test {

namespace {

constexpr timeval time_limit{10, 0};
constexpr std::size_t max_frame_payload = std::size_t{1} << 30; // a longer one is a broken length, not a test's payload

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{"raw_client: " + what};
}

[[noreturn]] void fail_with_errno(const std::string& what) {
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    fail(what + ": nothing happened for 10 s");
  throw std::system_error{errno, std::system_category(), "raw_client: " + what};
}

net::unique_fd new_socket(int family) {
  return net::unique_fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether the comma-separated `list` contains `token`.
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (equal_without_case(trimmed(list.substr(0, comma)), token))
      return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string big_endian(std::uint64_t number, unsigned size) {
  std::string bytes;
  for (auto shift = 8 * size; shift > 0; shift -= 8)
    bytes += static_cast<char>(number >> (shift - 8) & 0xff);
  return bytes;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes)
    number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

std::string random_key() {
  std::random_device random;
  std::string bytes;
  while (bytes.size() < 16)
    bytes += static_cast<char>(random() & 0xff);
  return base64(bytes);
}

void check_upgrade(const http_reply& reply, std::string_view key) {
  if (!equal_without_case(reply.header("Upgrade"), "websocket"))
    fail("101 with Upgrade: " + reply.header("Upgrade"));
  if (!has_token(reply.header("Connection"), "upgrade"))
    fail("101 with Connection: " + reply.header("Connection"));
  if (reply.header("Sec-WebSocket-Accept") != accept_for_key(key))
    fail("101 with Sec-WebSocket-Accept: " + reply.header("Sec-WebSocket-Accept"));
}

} // namespace

std::string http_reply::header(std::string_view name) const {
  const auto field = std::find_if(headers.begin(), headers.end(), [&](auto& f) { return equal_without_case(f.first, name); });
  return field == headers.end() ? std::string{} : field->second;
}

std::string encode_frame(const frame& frame, std::optional<mask_key> mask) {
  const auto size = frame.payload.size();
  const unsigned mask_bit = mask ? 0x80 : 0;
  const unsigned first = (frame.fin ? 0x80u : 0u) | (frame.rsv1 ? 0x40u : 0u) | (static_cast<unsigned>(frame.opcode) & 0x0f);
  std::string bytes = big_endian(first, 1);
  if (size < 126)
    bytes += big_endian(mask_bit | size, 1);
  else if (size <= 0xffff)
    bytes += big_endian(mask_bit | 126, 1) + big_endian(size, 2);
  else
    bytes += big_endian(mask_bit | 127, 1) + big_endian(size, 8);
  if (!mask)
    return bytes + frame.payload;
  bytes.append(mask->begin(), mask->end());
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(static_cast<std::uint8_t>(frame.payload[i]) ^ (*mask)[i % 4]);
  return bytes;
}

std::optional<frame> take_frame(std::string& bytes) {
  const auto has = [&](std::uint64_t size) { return bytes.size() >= size; };
  if (!has(2))
    return std::nullopt;
  const auto head = from_big_endian(std::string_view{bytes}.substr(0, 2));
  frame frame{.fin = (head & 0x8000) != 0, .rsv1 = (head & 0x4000) != 0, .opcode = static_cast<int>(head >> 8 & 0x0f)};
  if ((head & 0x3000) != 0)
    fail("a frame with RSV2 or RSV3");
  if ((head & 0x80) != 0)
    fail("a server's frame with a mask");
  auto size = head & 0x7f;
  std::size_t head_size = 2;
  if (frame.opcode >= opcode::close && (!frame.fin || size > 125))
    fail("a fragmented or too long control frame");
  if (size >= 126) {
    const bool is_short = size == 126;
    head_size += is_short ? 2 : 8;
    if (!has(head_size))
      return std::nullopt;
    size = from_big_endian(std::string_view{bytes}.substr(2, head_size - 2));
    if (size <= (is_short ? 125u : 0xffffu) || size > max_frame_payload)
      fail("a frame whose length is badly encoded: " + std::to_string(size));
  }
  if (!has(head_size + size))
    return std::nullopt;
  frame.payload = bytes.substr(head_size, size);
  bytes.erase(0, head_size + size);
  return frame;
}

std::string encode_close(int code, std::string_view reason) {
  return big_endian(static_cast<std::uint64_t>(code), 2).append(reason);
}

std::pair<int, std::string> decode_close(const frame& frame) {
  if (frame.opcode != opcode::close || frame.rsv1 || frame.payload.size() == 1)
    fail("expected a close frame, got opcode " + std::to_string(frame.opcode) + ": " + frame.payload);
  if (frame.payload.empty())
    return {1005, {}};
  return {static_cast<int>(from_big_endian(frame.payload.substr(0, 2))), frame.payload.substr(2)};
}

std::string accept_for_key(std::string_view key) {
  const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  boost::uuids::detail::sha1 sha1;
  sha1.process_bytes(text.data(), text.size());
  boost::uuids::detail::sha1::digest_type digest;
  sha1.get_digest(digest);
  std::string bytes;
  for (const auto part : digest) // five words up to Boost 1.85, twenty bytes since
    bytes += big_endian(part, sizeof part);
  return base64(bytes);
}

raw_client raw_client::over(net::unique_fd connected) {
  return {std::move(connected), {}};
}

raw_client raw_client::tcp(std::uint16_t port, const raw_client_options& options) {
  raw_client client{new_socket(AF_INET), options};
  const int yes = 1;
  ::setsockopt(client.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); // pieces shall travel as pieces
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  client.connect(&address, sizeof address);
  client.host_ = "127.0.0.1:" + std::to_string(port);
  return client;
}

raw_client raw_client::unix_socket(const std::string& path, const raw_client_options& options) {
  raw_client client{new_socket(AF_UNIX), options};
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    fail("too long a path: " + path);
  path.copy(address.sun_path, path.size());
  client.connect(&address, sizeof address);
  return client;
}

raw_client::raw_client(net::unique_fd socket, const raw_client_options& options) : socket_{std::move(socket)} {
  if (!socket_)
    fail_with_errno("socket");
  ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &time_limit, sizeof time_limit);
  ::setsockopt(fd(), SOL_SOCKET, SO_SNDTIMEO, &time_limit, sizeof time_limit);
  if (const int size = options.receive_buffer; size > 0)
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

void raw_client::connect(const void* address, std::size_t size) {
  if (connect_to(fd(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0)
    fail_with_errno("connect");
}

void raw_client::send_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno != EINTR)
      fail_with_errno("send");
  }
}

/// Receives more into `pending_`; false at the end.
bool raw_client::fill() {
  char buffer[16 << 10];
  for (;;) {
    const auto received = ::recv(fd(), buffer, sizeof buffer, 0);
    if (received > 0)
      pending_.append(buffer, static_cast<std::size_t>(received));
    if (received >= 0)
      return received > 0;
    if (errno == ECONNRESET)
      return false;
    if (errno != EINTR)
      fail_with_errno("recv");
  }
}

std::string raw_client::take(std::size_t size) {
  auto bytes = pending_.substr(0, size);
  pending_.erase(0, size);
  return bytes;
}

std::string raw_client::read_raw(std::size_t max) {
  return at_eof() ? std::string{} : take(max);
}

std::string raw_client::read_exactly(std::size_t size) {
  while (pending_.size() < size)
    if (!fill())
      fail("the connection ended after " + std::to_string(pending_.size()) + " of " + std::to_string(size) + " bytes");
  return take(size);
}

std::string raw_client::read_until(std::string_view delimiter) {
  auto position = pending_.find(delimiter);
  for (; position == std::string::npos; position = pending_.find(delimiter))
    if (!fill())
      fail("the connection ended before the delimiter, after: " + pending_);
  return take(position + delimiter.size());
}

std::string raw_client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(pending_, {});
}

bool raw_client::at_eof() {
  return pending_.empty() && !fill();
}

void raw_client::shutdown_write() {
  if (::shutdown(fd(), SHUT_WR) != 0)
    fail_with_errno("shutdown");
}

void raw_client::close() {
  socket_.reset();
}

void raw_client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.reset();
}

http_reply raw_client::upgrade(std::string_view path, const header_list& extra_headers) {
  header_list headers = {{"Host", host_},
                         {"Upgrade", "websocket"},
                         {"Connection", "Upgrade"},
                         {"Sec-WebSocket-Key", random_key()},
                         {"Sec-WebSocket-Version", "13"}};
  for (const auto& extra : extra_headers)
    std::erase_if(headers, [&](const auto& field) { return equal_without_case(field.first, extra.first); });
  headers.insert(headers.end(), extra_headers.begin(), extra_headers.end());

  auto request = "GET " + std::string{path} + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers)
    request.append(name).append(": ").append(value).append("\r\n");
  send_raw(request + "\r\n");

  auto reply = read_reply();
  if (reply.status == 101)
    check_upgrade(reply, http_reply{.headers = headers}.header("Sec-WebSocket-Key"));
  return reply;
}

http_reply raw_client::http(std::string_view request) {
  send_raw(request);
  auto reply = read_head();
  reply.body = read_to_end();
  return reply;
}

http_reply raw_client::get(std::string_view path) {
  return http("GET " + std::string{path} + " HTTP/1.1\r\nHost: " + host_ + "\r\nConnection: close\r\n\r\n");
}

http_reply raw_client::read_reply() {
  auto reply = read_head();
  if (reply.status < 200 || reply.status == 204 || reply.status == 304)
    return reply;
  if (reply.header("Transfer-Encoding") == "chunked") {
    reply.body = read_chunks();
    return reply;
  }
  const auto length = reply.header("Content-Length");
  reply.body = length.empty() ? read_to_end() : read_exactly(std::stoul(length));
  return reply;
}

std::string raw_client::read_chunk() {
  const auto size = std::stoul(read_until("\r\n"), nullptr, 16);
  auto bytes = read_exactly(size + 2);
  if (!bytes.ends_with("\r\n"))
    fail("a chunk without its end");
  bytes.resize(size);
  return bytes;
}

std::string raw_client::read_chunks() {
  std::string all;
  for (auto one = read_chunk(); !one.empty(); one = read_chunk())
    all += one;
  return all;
}

http_reply raw_client::read_head() {
  const auto head = read_until("\r\n\r\n");
  auto rest = std::string_view{head};
  const auto next_line = [&] {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
  };

  const auto status_line = next_line(); // "HTTP/1.1 101 Switching Protocols"
  if (!status_line.starts_with("HTTP/1.") || status_line.size() < 12 || status_line[8] != ' ')
    fail("not a status line: " + std::string{status_line});
  http_reply reply;
  reply.status = std::stoi(std::string{status_line.substr(9, 3)});
  reply.reason = trimmed(status_line.substr(12));
  for (auto line = next_line(); !line.empty(); line = next_line()) {
    const auto colon = line.find(':');
    if (colon == line.npos)
      fail("not a header field: " + std::string{line});
    reply.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return reply;
}

void raw_client::send_frame(int opcode, std::string_view payload, bool fin) {
  send_raw(encode_frame({.fin = fin, .opcode = opcode, .payload = std::string{payload}}));
}

frame raw_client::read_frame() {
  auto frame = read_frame_or_eof();
  if (!frame)
    fail("the connection ended where a frame was expected");
  return *std::move(frame);
}

std::optional<frame> raw_client::read_frame_or_eof() {
  for (;;) {
    if (auto frame = take_frame(pending_))
      return frame;
    if (fill())
      continue;
    if (!pending_.empty())
      fail("the connection ended within a frame");
    return std::nullopt;
  }
}

std::string raw_client::read_text() {
  return read_message(opcode::text);
}

std::string raw_client::read_binary() {
  return read_message(opcode::binary);
}

std::string raw_client::read_message(int opcode) {
  auto frame = read_frame();
  if (frame.opcode != opcode || !frame.fin || frame.rsv1)
    fail("expected a whole message of opcode " + std::to_string(opcode) + ", got opcode " + std::to_string(frame.opcode) + ": "
         + frame.payload);
  return std::move(frame.payload);
}

std::pair<int, std::string> raw_client::read_close() {
  return decode_close(read_frame());
}

} // namespace harpia::test
