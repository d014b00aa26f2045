// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>

namespace harpia::inline v0::net {

/// What the operating system knows of a connected socket, in bytes. Zero for what is no socket.
struct socket_state {
  std::size_t unsent = 0; ///< taken from the program, and not acknowledged by the peer
  std::size_t unread = 0; ///< received from the peer, and not read by the program
};

/// Asks for it, by two system calls. Zero where the kernel does not tell.
[[nodiscard]] socket_state state_of(int socket) noexcept;

} // namespace harpia::inline v0::net
