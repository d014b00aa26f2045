// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/socket_state.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

namespace harpia::inline v0::net {

namespace {

std::size_t queue_size(int socket, unsigned long request) noexcept {
  int bytes = 0;
  return ::ioctl(socket, request, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

} // namespace

socket_state state_of(int socket) noexcept {
  return {queue_size(socket, SIOCOUTQ), queue_size(socket, SIOCINQ)};
}

} // namespace harpia::inline v0::net
