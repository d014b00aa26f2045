// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/io_result.hpp"

#include <cstddef>
#include <cstdint>

namespace harpia::inline v0::net {

/// Moves bytes of a file into a socket, without a copy in this process. Makes no SIGPIPE, which sendfile(2) cannot be told to leave out.
/// @return `end` if the file has no more bytes
[[nodiscard]] io_result send_file(int socket, int file, std::uint64_t from, std::size_t most) noexcept;

} // namespace harpia::inline v0::net
