// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <pthread.h>
#include <string>

namespace harpia::inline v0::net {

/// Names the calling thread, as top(1) and debuggers show it: the first 15 characters.
inline void name_this_thread(const std::string& name) noexcept {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

} // namespace harpia::inline v0::net
