// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/service_manager.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace harpia::inline v0::net {

namespace {

constexpr int first_descriptor = 3; // SD_LISTEN_FDS_START

std::optional<unsigned> number_in(const char* variable) noexcept {
  const char* text = std::getenv(variable);
  unsigned number = 0;
  if (!text)
    return {};
  const auto end = std::string_view{text}.end();
  const auto [stopped, failure] = std::from_chars(text, end, number);
  return failure == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

} // namespace

unique_fd take_service_socket(unsigned index) noexcept {
  // The variables may be meant for a parent process.
  if (number_in("LISTEN_PID") != static_cast<unsigned>(::getpid()) || index >= number_in("LISTEN_FDS").value_or(0))
    return {};
  unique_fd socket{first_descriptor + static_cast<int>(index)};
  if (::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0)
    static_cast<void>(socket.release()); // not open: it was taken before
  return socket;
}

bool notify_service_manager(std::string_view state) noexcept {
  const char* where = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  const std::string_view path = where ? where : "";
  if (path.size() < 2 || path.size() > sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
    return false;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  if (path[0] == '@') // an abstract name, not a file
    address.sun_path[0] = '\0';
  const unique_fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  return socket
         && ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()))
                >= 0;
}

} // namespace harpia::inline v0::net
