// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/connect_to.hpp"

#include "net/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>

namespace harpia::test {

/// A socket connected to `port` of this machine from one of 100 of its addresses: each of these has ports of its own. Blocking, for
/// 10 s at most.
inline net::unique_fd connect_from(std::size_t number, std::uint16_t port) {
  const auto check = [](bool holds, const char* what) {
    if (!holds)
      throw std::system_error{errno, std::system_category(), what};
  };
  net::unique_fd made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  check(static_cast<bool>(made), "socket");
  const timeval limit{10, 0};
  const int yes = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  // Leaves the choice of the port to `connect`, which knows of more free ones.
  ::setsockopt(made.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(number % 100));
  check(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect_to(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return made;
}

/// An opening handshake for a room.
inline std::string opening_request(const std::string& path = "/room") {
  return "GET " + path
         + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

} // namespace harpia::test
