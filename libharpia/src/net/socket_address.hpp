// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>

#include <cerrno>
#include <cstdint>
#include <netdb.h>
#include <netinet/in.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace harpia::inline v0::net {

/// Type and flags of the sockets that harpia opens.
inline constexpr int socket_flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

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

/// A socket address of any family, in the form that the socket functions take.
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

/// The numeric host. An IPv4-mapped IPv6 address is given as IPv4. Empty for other families.
[[nodiscard]] inline std::string host_of(const socket_address& address) {
  const auto text_of = [](const auto& host) { return network_address::of_bytes(std::as_bytes(std::span{&host, 1})).to_string(); };
  switch (address.storage.ss_family) {
    case AF_INET: return text_of(address.as<sockaddr_in>().sin_addr);
    case AF_INET6: return text_of(address.as<sockaddr_in6>().sin6_addr);
    default: return {};
  }
}

[[nodiscard]] inline std::uint16_t port_of(const socket_address& address) noexcept {
  if (address.storage.ss_family == AF_INET6)
    return ntohs(address.as<sockaddr_in6>().sin6_port);
  return ntohs(address.as<sockaddr_in>().sin_port);
}

inline void set_port(socket_address& address, std::uint16_t port) noexcept {
  if (address.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
}

inline bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

} // namespace harpia::inline v0::net
