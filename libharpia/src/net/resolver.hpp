// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/connector.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace harpia::inline v0::net {

/// Maximum number of threads that wait for the system's resolver at a time. Further names wait for one of them.
inline constexpr unsigned max_resolver_threads = 8;

/// Finds the addresses of a host on a thread of its own, since the system's resolver blocks. Those who ask for the same host and port
/// at the same time share one answer. From any thread.
///
/// Nobody waits for these threads: a process may end while the resolver is asked.
/// @param done is called once, on such a thread; must not block, throw or refer to what may be gone then
void resolve_later(std::string host, std::uint16_t port, std::function<void(const resolve_result&)> done);

} // namespace harpia::inline v0::net
