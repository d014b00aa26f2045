// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/tls_options.hpp>

#include <cstdint>
#include <optional>
#include <string>

// GNU dialects (-std=gnu++20) predefine `unix` as 1, which would rename the option below.
#ifdef unix
#undef unix
#endif

namespace harpia {

/// Whether several processes may listen on one port, the kernel sharing connections out among them (SO_REUSEPORT).
enum class reuse_port : bool { no, yes };

/// Where and how to listen.
struct listen_options {
  /// TCP port; 0 lets the system pick one, which `app::port()` then tells. Without it: 3000.
  std::optional<std::uint16_t> port = {};
  /// Name or address of the interface. Empty: 0.0.0.0, every IPv4 interface. "::" takes IPv6 and IPv4.
  std::string hostname = {};
  /// Path of a Unix socket to listen on instead of TCP, at most 107 bytes. A socket file that nobody listens on is replaced.
  std::string unix = {};
  /// Listen on a socket that systemd, or another service manager that does as it does, has opened for this process: its number, from
  /// 0 (sd_listen_fds(3)). Instead of an address.
  std::optional<unsigned> service_socket = {};
  /// Share the port with other processes.
  harpia::reuse_port reuse_port = harpia::reuse_port::no;
  /// Serve "wss" and "https" only, if it names a certificate.
  tls_options tls = {};
  /// Number of event loops, each a thread. 0: one per hardware thread. Fixed by the first address that an app listens on.
  unsigned threads = 0;
  /// Log every connection, refusal and error to standard error.
  bool development = false;
};

/// Refuses options that contradict one another.
/// @throws std::invalid_argument naming the two, for example "Cannot specify both 'port' and 'unix'".
void validate(const listen_options& options);

} // namespace harpia
