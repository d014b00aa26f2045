// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::inline v0 {

/// An IPv4 or IPv6 address without zone and port. A value.
class HARPIA_API network_address {
public:
  /// An IPv6 address, or an IPv4 address that is mapped to IPv6 (RFC 4291, 2.5.5.2), in network byte order.
  using bytes_type = std::array<unsigned char, 16>;

  /// Creates an address from its bytes. A mapped IPv4 address is equal to that IPv4 address.
  explicit network_address(const bytes_type& bytes) noexcept : bytes_{bytes} {}

  /// Creates an address from its bytes.
  /// @param bytes in network byte order: 4 of an IPv4 address or 16 of an IPv6 address; other sizes are not checked
  [[nodiscard]] static network_address of_bytes(std::span<const std::byte> bytes) noexcept;
  /// Parses "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1".
  /// @return nothing for any other text
  [[nodiscard]] static std::optional<network_address> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_ipv4() const noexcept;
  [[nodiscard]] const bytes_type& bytes() const noexcept { return bytes_; }
  /// Returns the address in its shortest form (RFC 5952).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const network_address&, const network_address&) = default;

private:
  bytes_type bytes_;
};

/// A set of addresses, of address prefixes, and optionally of all peers on Unix sockets. A value.
///
/// *Source*: prefixes (CIDR): RFC 4632, 3.1; RFC 4291, 2.3.
class HARPIA_API address_set {
public:
  address_set() = default;
  /// Creates a set.
  /// @param entries "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "unix"
  ///
  /// *Errors*: Throws `std::invalid_argument` that names an entry that is none of these, or that has bits set after its prefix.
  explicit address_set(const std::vector<std::string>& entries);

  [[nodiscard]] bool empty() const noexcept { return prefixes_.empty() && !has_unix_; }
  /// Returns whether the set contains an address. "::/0" contains every IPv6 address and no IPv4 address.
  [[nodiscard]] bool contains(const network_address& address) const noexcept;
  /// Returns whether the set contains a connection's peer.
  /// @param remote_address the address as text, as a connection returns it; empty for a Unix socket
  [[nodiscard]] bool contains_peer(std::string_view remote_address) const noexcept;

private:
  struct prefix {
    network_address first;
    std::size_t size; // in bits, of 128
  };

  void add(std::string_view entry);

  std::vector<prefix> prefixes_;
  bool has_unix_ = false;
};

} // namespace harpia::inline v0
