// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/masking_keys.hpp"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace harpia::inline v0::websocket {

void masking_keys::refill() {
  if (::getrandom(keys_.data(), sizeof keys_, 0) != static_cast<ssize_t>(sizeof keys_))
    throw std::system_error{errno, std::system_category(), "getrandom"};
  used_ = 0;
}

} // namespace harpia::inline v0::websocket
