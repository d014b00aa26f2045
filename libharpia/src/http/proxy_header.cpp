// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/proxy_header.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

namespace harpia::inline v0::http {

namespace {

constexpr std::string_view line_begin = "PROXY ";
constexpr std::size_t max_line = 107; // bytes, with CR LF; the longest is UNKNOWN with two IPv6 addresses
constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_size = 16; // the signature, two bytes of kinds, two bytes with the size of the rest

enum class command : unsigned { local = 0, proxy = 1 };
enum class family : unsigned { unspecified = 0, ipv4 = 1, ipv6 = 2, unix_socket = 3 };
constexpr unsigned max_transport = 2; // none, stream, datagram

/// Source and destination with their ports, or two paths.
std::size_t addresses_size(family of) noexcept {
  switch (of) {
    case family::ipv4: return 12;
    case family::ipv6: return 36;
    case family::unix_socket: return 216;
    case family::unspecified: break;
  }
  return 0;
}

unsigned byte_at(std::string_view text, std::size_t index) noexcept {
  return static_cast<unsigned char>(text[index]);
}

/// Removes the next word, up to a space, from `rest`. Nothing if there is no space.
std::optional<std::string_view> take_word(std::string_view& rest) noexcept {
  const auto space = rest.find(' ');
  if (space == std::string_view::npos)
    return std::nullopt;
  const auto word = rest.substr(0, space);
  rest.remove_prefix(space + 1);
  return word;
}

// 2.1: in decimal, from 0 to 65535, without leading zeros.
bool is_shortest_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, port);
  return failure == std::errc{} && stopped == end && (text.size() == 1 || text.front() != '0');
}

/// Parses an address of `protocol`, "TCP4" or "TCP6".
std::optional<network_address> parse_of(std::string_view protocol, std::string_view text) noexcept {
  if ((protocol == "TCP6") != (text.find(':') != std::string_view::npos))
    return std::nullopt;
  return network_address::parse(text);
}

network_address address_in(family of, std::string_view bytes) noexcept {
  const std::size_t size = of == family::ipv4 ? 4 : 16;
  return network_address::of_bytes(std::as_bytes(std::span{bytes.data(), size}));
}

} // namespace

proxy_header_reader::state proxy_header_reader::read(std::span<const std::byte> bytes) {
  used_ = 0;
  while (state_ == state::incomplete && used_ < bytes.size())
    take(static_cast<char>(bytes[used_++]));
  return state_;
}

void proxy_header_reader::take(char byte) {
  ++size_;
  if (head_.size() < max_line)
    head_ += byte;
  if (head_.front() == line_begin.front())
    take_line_byte();
  else
    take_block_byte();
}

void proxy_header_reader::take_line_byte() {
  const std::string_view line{head_};
  const bool cr = line.ends_with('\r');
  if (!line.starts_with(line_begin.substr(0, line.size())))
    state_ = state::failed;
  else if (line.ends_with("\r\n"))
    state_ = read_line();
  else if (line.ends_with('\n') || (!cr && line.size() > 1 && line[line.size() - 2] == '\r') || line.size() == max_line)
    state_ = state::failed;
}

void proxy_header_reader::take_block_byte() {
  if (size_ <= signature.size()) {
    if (head_.back() != signature[size_ - 1])
      state_ = state::failed;
    return;
  }
  if (size_ == fixed_size)
    state_ = read_fixed_part();
  if (state_ == state::incomplete && size_ == whole_)
    state_ = read_addresses();
}

proxy_header_reader::state proxy_header_reader::read_line() {
  std::string_view rest{head_};
  rest.remove_prefix(line_begin.size());
  rest.remove_suffix(std::string_view{"\r\n"}.size());
  // 2.1: the rest of the line is ignored.
  if (rest == "UNKNOWN" || rest.starts_with("UNKNOWN "))
    return state::complete;
  const auto protocol = take_word(rest);
  if (protocol != "TCP4" && protocol != "TCP6")
    return state::failed;
  const auto source = take_word(rest);
  const auto destination = take_word(rest);
  const auto source_port = take_word(rest);
  if (!source_port || !is_shortest_port(*source_port) || !is_shortest_port(rest) || !parse_of(*protocol, *destination))
    return state::failed;
  source_ = parse_of(*protocol, *source);
  return source_ ? state::complete : state::failed;
}

proxy_header_reader::state proxy_header_reader::read_fixed_part() {
  const std::string_view head{head_};
  const auto version = byte_at(head, 12) >> 4U;
  const auto what = byte_at(head, 12) & 0xFU;
  whole_ = fixed_size + (byte_at(head, 14) << 8U | byte_at(head, 15));
  if (version != 2 || what > static_cast<unsigned>(command::proxy) || whole_ > max_size)
    return state::failed;
  // 2.2: family and transport are ignored for LOCAL.
  if (static_cast<command>(what) == command::local)
    return state::incomplete;
  const auto of = byte_at(head, 13) >> 4U;
  if (of > static_cast<unsigned>(family::unix_socket) || (byte_at(head, 13) & 0xFU) > max_transport)
    return state::failed;
  return whole_ - fixed_size < addresses_size(static_cast<family>(of)) ? state::failed : state::incomplete;
}

// The addresses are followed by additional fields (TLV), which are not used.
proxy_header_reader::state proxy_header_reader::read_addresses() {
  const std::string_view head{head_};
  const auto of = static_cast<family>(byte_at(head, 13) >> 4U);
  const bool is_local = static_cast<command>(byte_at(head, 12) & 0xFU) == command::local;
  // UNSPEC as the transport: "the receiver must ignore address information".
  const bool is_known = (byte_at(head, 13) & 0xFU) != 0 && (of == family::ipv4 || of == family::ipv6);
  if (!is_local && is_known)
    source_ = address_in(of, head.substr(fixed_size));
  return state::complete;
}

} // namespace harpia::inline v0::http
