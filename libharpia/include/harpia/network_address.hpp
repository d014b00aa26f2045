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

namespace harpia {

/// An IPv4 or IPv6 address, without zone or port. A value.
class HARPIA_API network_address {
public:
  /// An IPv6 address, or an IPv4 address mapped to one (RFC 4291, 2.5.5.2), in network order.
  using bytes_type = std::array<unsigned char, 16>;

  /// An IPv4 address that is mapped is that IPv4 address.
  explicit network_address(const bytes_type& bytes) noexcept : bytes_{bytes} {}

  /// @param bytes in network order: 4 of an IPv4 address, or 16 of an IPv6 address
  [[nodiscard]] static network_address of_bytes(std::span<const std::byte> bytes) noexcept;
  /// Reads "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1". @return nothing for anything else
  [[nodiscard]] static std::optional<network_address> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_ipv4() const noexcept;
  [[nodiscard]] const bytes_type& bytes() const noexcept { return bytes_; }
  /// In its shortest form (RFC 5952).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const network_address&, const network_address&) = default;

private:
  bytes_type bytes_;
};

/// Addresses, those that begin alike (CIDR: RFC 4632, 3.1; RFC 4291, 2.3), and perhaps whoever connects to a Unix socket. A value.
class HARPIA_API address_set {
public:
  address_set() = default;
  /// @param entries "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "unix"
  /// @throws std::invalid_argument naming what is none of these, or has bits behind its prefix
  explicit address_set(const std::vector<std::string>& entries);

  [[nodiscard]] bool empty() const noexcept { return prefixes_.empty() && !has_unix_; }
  /// "::/0" is every IPv6 address, and no IPv4 address.
  [[nodiscard]] bool contains(const network_address& address) const noexcept;
  /// @param remote_address as a connection has it: empty for a Unix socket
  [[nodiscard]] bool contains_peer(std::string_view remote_address) const noexcept;

private:
  struct prefix {
    network_address first;
    std::size_t size; // bits, of 128
  };

  void add(std::string_view entry);

  std::vector<prefix> prefixes_;
  bool has_unix_ = false;
};

} // namespace harpia
