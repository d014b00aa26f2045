// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/tls_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// GNU dialects (-std=gnu++20) predefine `unix` as 1, which would rename the option below.
#ifdef unix
#undef unix
#endif

namespace harpia {

/// Whether several processes may listen on one port, the kernel sharing connections out among them (SO_REUSEPORT).
enum class reuse_port : bool { no, yes };

/// Whether connections begin with the header of the PROXY protocol (HAProxy's proxy-protocol.txt, versions 1 and 2), in which a proxy
/// that passes on bytes, and not requests, says whose they are.
enum class proxy_protocol : std::uint8_t {
  disabled, ///< none does, and who sends one is refused
  required, ///< every one must, before TLS and HTTP; one that does not, or not in time, is ended without an answer
};

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
  /// Proxies that are believed: addresses ("192.0.2.1"), prefixes ("10.0.0.0/8", "fd00::/8"), or "unix", whoever connects to a Unix
  /// socket. What they say in X-Forwarded-For is the client's address then, for `remote_address` and for limits; from anybody else
  /// that field is ignored. The proxy must add to the field whom it hears. See docs/security.md.
  std::vector<std::string> trusted_proxies = {};
  /// With `trusted_proxies`, only from those. Without, whoever reaches the address is believed.
  harpia::proxy_protocol proxy_protocol = harpia::proxy_protocol::disabled;
  /// Number of event loops, each a thread. 0: one for each processor that the thread which starts the app may use. Fixed then.
  unsigned threads = 0;
  /// Write to standard error what is listened on, and whether io_uring is used and if not, why.
  bool development = false;
};

/// Refuses options that contradict one another, and trusted proxies that are no addresses.
/// @throws std::invalid_argument naming the two, for example "Cannot specify both 'port' and 'unix'", or the one.
HARPIA_API void validate(const listen_options& options);

} // namespace harpia
