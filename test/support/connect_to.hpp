// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace harpia::test {

/// As connect(2) of a blocking socket, which goes on if it is interrupted: by the end of an io_uring of this thread for example, which the
/// kernel may tell it of later. @return 0, or -1 and `errno`
inline int connect_to(int socket, const sockaddr* address, socklen_t size) {
  const int result = ::connect(socket, address, size);
  if (result == 0 || errno != EINTR)
    return result;
  constexpr int longest_ms = 10'000;
  pollfd ready{.fd = socket, .events = POLLOUT, .revents = 0};
  int polled = 0;
  do
    polled = ::poll(&ready, 1, longest_ms);
  while (polled == -1 && errno == EINTR);
  int failure = ETIMEDOUT;
  socklen_t length = sizeof failure;
  if (polled == 1)
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length);
  errno = failure;
  return failure == 0 ? 0 : -1;
}

} // namespace harpia::test
