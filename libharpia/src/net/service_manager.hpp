// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <string_view>

namespace harpia::inline v0::net {

/// Takes a socket that the service manager, systemd for example, has opened for this process (sd_listen_fds(3)). Each can be taken
/// once. Not thread-safe, as it reads the environment.
/// @param index the number of the socket, from 0
/// @return the socket, close-on-exec; empty if this process has no socket of that number
[[nodiscard]] unique_fd take_service_socket(unsigned index) noexcept;

/// Sends this process's state, "READY=1" for example, to the service manager (sd_notify(3)). One datagram; does not block.
/// @return whether there is a service manager that it was sent to
bool notify_service_manager(std::string_view state) noexcept;

} // namespace harpia::inline v0::net
