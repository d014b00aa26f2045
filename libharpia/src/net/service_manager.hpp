// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <string_view>

namespace harpia::net {

/// Takes a socket that the service manager, systemd for example, has opened for this process (sd_listen_fds(3)). Once for each number;
/// not thread-safe, as it reads the environment.
/// @param index the number of the socket, from 0
/// @return close-on-exec; empty if this process was given none of that number
[[nodiscard]] unique_fd take_service_socket(unsigned index) noexcept;

/// Tells the service manager how this process fares, "READY=1" for example (sd_notify(3)). One datagram, which is not waited for.
/// @return whether there was somebody to tell
bool notify_service_manager(std::string_view state) noexcept;

} // namespace harpia::net
