// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

namespace harpia::test {

/// A variable of the environment for as long as a test takes.
class environment {
public:
  environment(const char* name, const std::string& value) : name_{name} { ::setenv(name, value.c_str(), 1); }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  ~environment() { ::unsetenv(name_); }

private:
  const char* name_;
};

/// Where a service manager would listen.
class service_manager {
public:
  explicit service_manager(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
      throw std::system_error{errno, std::system_category(), name};
  }

  /// The next thing that was told; at once.
  [[nodiscard]] std::string heard() const {
    std::array<char, 256> text{};
    const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
    return size < 0 ? "(nothing)" : std::string{text.data(), static_cast<std::size_t>(size)};
  }

private:
  net::unique_fd socket_;
};

} // namespace harpia::test
