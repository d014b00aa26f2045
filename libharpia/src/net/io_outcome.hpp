// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/io_result.hpp"

#include <cerrno>
#include <sys/types.h>
#include <system_error>

namespace harpia::inline v0::net {

/// The result of a read or write that returned `size`.
/// @param failure the `errno` of a negative size
inline io_result io_outcome(ssize_t size, int failure) noexcept {
  using outcome = io_result::outcome;
  if (size > 0)
    return {outcome::done, static_cast<std::size_t>(size)};
  if (size == 0)
    return {outcome::end};
  if (failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR)
    return {outcome::would_block}; // the loop is level-triggered: the event comes again
  return {outcome::failed, 0, std::error_code{failure, std::system_category()}};
}

} // namespace harpia::inline v0::net
