// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/network_address.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <system_error>

namespace harpia::inline v0 {

namespace {

constexpr network_address::bytes_type mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t mapped_size = 12; // bytes of the prefix before a mapped IPv4 address

bool begin_alike(const network_address::bytes_type& one, const network_address::bytes_type& other, std::size_t bits) noexcept {
  const auto whole = bits / 8;
  if (!std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(whole), other.begin()))
    return false;
  return bits % 8 == 0 || (one[whole] ^ other[whole]) >> (8 - bits % 8) == 0;
}

bool has_bits_behind(const network_address::bytes_type& bytes, std::size_t bits) noexcept {
  auto cut = bytes;
  for (auto i = bits; i < 8 * cut.size(); ++i)
    cut[i / 8] = static_cast<unsigned char>(cut[i / 8] & ~(0x80 >> i % 8));
  return cut != bytes;
}

[[noreturn]] void refuse_address(std::string_view entry, const char* why) {
  throw std::invalid_argument{'\'' + std::string{entry} + "' " + why};
}

} // namespace

network_address network_address::of_bytes(std::span<const std::byte> bytes) noexcept {
  auto all = mapped;
  std::memcpy(all.data() + all.size() - bytes.size(), bytes.data(), bytes.size());
  return network_address{all};
}

std::optional<network_address> network_address::parse(std::string_view text) noexcept {
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof copy || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::ranges::copy(text, copy);
  auto bytes = mapped;
  if (::inet_pton(AF_INET, copy, bytes.data() + mapped_size) == 1 || ::inet_pton(AF_INET6, copy, bytes.data()) == 1)
    return network_address{bytes};
  return std::nullopt;
}

bool network_address::is_ipv4() const noexcept {
  return begin_alike(bytes_, mapped, 8 * mapped_size);
}

std::string network_address::to_string() const {
  if (char text[INET6_ADDRSTRLEN]; !is_ipv4())
    return ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  // Not inet_ntop: it uses printf, which costs 1,700 instructions for each accepted socket.
  std::string text;
  for (const auto octet : std::span{bytes_}.subspan(mapped_size))
    text.append(text.empty() ? "" : ".").append(std::to_string(octet));
  return text;
}

address_set::address_set(const std::vector<std::string>& entries) {
  for (const auto& each : entries)
    add(each);
}

void address_set::add(std::string_view entry) {
  if (entry == "unix") {
    has_unix_ = true;
    return;
  }
  const auto slash = std::min(entry.find('/'), entry.size());
  const auto first = network_address::parse(entry.substr(0, slash));
  if (!first)
    refuse_address(entry, "is neither an address nor a prefix of addresses");
  const bool is_short = entry.substr(0, slash).find(':') == std::string_view::npos;
  const std::size_t before = is_short ? 8 * mapped_size : 0; // leading bits that the prefix length does not count
  std::size_t size = 128 - before;
  if (slash != entry.size()) {
    const auto digits = entry.substr(slash + 1);
    const auto* end = digits.data() + digits.size();
    std::size_t given = 0;
    if (const auto [stopped, failure] = std::from_chars(digits.data(), end, given);
        failure != std::errc{} || stopped != end || given > size)
      refuse_address(entry, is_short ? "has no prefix length from 0 to 32" : "has no prefix length from 0 to 128");
    size = given;
  }
  if (has_bits_behind(first->bytes(), before + size))
    refuse_address(entry, "has bits behind its prefix");
  prefixes_.push_back({*first, before + size});
}

bool address_set::contains(const network_address& address) const noexcept {
  return std::ranges::any_of(prefixes_, [&](const prefix& each) {
    return each.first.is_ipv4() == address.is_ipv4() && begin_alike(each.first.bytes(), address.bytes(), each.size);
  });
}

bool address_set::contains_peer(std::string_view remote_address) const noexcept {
  if (remote_address.empty())
    return has_unix_;
  if (prefixes_.empty())
    return false;
  const auto address = network_address::parse(remote_address);
  return address && contains(*address);
}

} // namespace harpia::inline v0
