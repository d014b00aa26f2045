// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace harpia::transport {

/// A getaddrinfo error as a code.
[[nodiscard]] inline std::error_code resolver_error(int code) {
  class resolver_category final : public std::error_category {
  public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int value) const override { return ::gai_strerror(value); }
  };
  static const resolver_category category;
  if (code == EAI_SYSTEM)
    return {errno, std::system_category()};
  return {code, category};
}

[[nodiscard]] inline std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

[[nodiscard]] inline std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

/// Address of any family, as the socket functions want it.
struct socket_address {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  template <class Address>
  const Address& as() const noexcept {
    return reinterpret_cast<const Address&>(storage);
  }
};

/// The numeric host, an IPv4 address in IPv6 as IPv4; empty for other families.
[[nodiscard]] inline std::string host_of(const socket_address& address) {
  network_address::bytes_type bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}; // what an IPv4 address is mapped with
  if (address.storage.ss_family == AF_INET)
    std::memcpy(&bytes[12], &address.as<sockaddr_in>().sin_addr, sizeof(in_addr));
  else if (address.storage.ss_family == AF_INET6)
    std::memcpy(bytes.data(), &address.as<sockaddr_in6>().sin6_addr, sizeof(in6_addr));
  else
    return {};
  return network_address{bytes}.to_string();
}

[[nodiscard]] inline std::uint16_t port_of(const socket_address& address) noexcept {
  if (address.storage.ss_family == AF_INET6)
    return ntohs(address.as<sockaddr_in6>().sin6_port);
  return ntohs(address.as<sockaddr_in>().sin_port);
}

inline bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

} // namespace harpia::transport
