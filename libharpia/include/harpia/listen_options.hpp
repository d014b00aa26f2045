// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/tls_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// GNU dialects (-std=gnu++20) define `unix` as 1, which would rename the option below.
#ifdef unix
#undef unix
#endif

namespace harpia::inline v0 {

/// Whether several processes may listen on one port. The kernel distributes the connections among them (SO_REUSEPORT).
enum class reuse_port : bool { no, yes };

/// Whether connections begin with a PROXY protocol header.
///
/// With this header, a proxy that forwards bytes instead of requests names the client of each connection.
///
/// *Source*: HAProxy's proxy-protocol.txt, versions 1 and 2.
enum class proxy_protocol : std::uint8_t {
  disabled, ///< no connection begins with the header; a connection that does is refused
  required, ///< each connection must send it before TLS and HTTP; one that does not, or not in time, is closed without an answer
};

/// Where and how to listen.
struct listen_options {
  /// TCP port, by default 3000. With 0 the system chooses one, which `app::port()` returns.
  std::optional<std::uint16_t> port = {};
  /// Name or address of the interface. Empty: 0.0.0.0, every IPv4 interface. "::" accepts IPv6 and IPv4. All addresses of a name are
  /// listened on, those of both families that "localhost" has for example.
  std::string hostname = {};
  /// Path of a Unix socket to listen on instead of TCP, at most 107 bytes. A socket file that no process listens on is replaced.
  std::string unix = {};
  /// Permissions of the Unix socket's file, for example 0660. Not set: what the process's umask leaves.
  std::optional<unsigned> unix_mode = {};
  /// Index, from 0, of a socket that systemd or a compatible service manager has opened for this process (sd_listen_fds(3)). The app
  /// listens on it instead of an address.
  std::optional<unsigned> service_socket = {};
  /// Whether the port is shared with other processes.
  harpia::reuse_port reuse_port = harpia::reuse_port::no;
  /// TLS. If it names a certificate, only "wss" and "https" are served.
  tls_options tls = {};
  /// Proxies that are trusted: addresses ("192.0.2.1"), prefixes ("10.0.0.0/8", "fd00::/8"), or "unix" for every peer on a Unix socket.
  ///
  /// The client's address for `remote_address` and for limits is taken from X-Forwarded-For if a trusted proxy sent it. From any other
  /// peer the field is ignored. A trusted proxy must append its own peer's address to the field. See docs/security.md.
  std::vector<std::string> trusted_proxies = {};
  /// PROXY protocol. With `trusted_proxies`, its header is trusted from those only. Without, it is trusted from every peer that can reach
  /// the address.
  harpia::proxy_protocol proxy_protocol = harpia::proxy_protocol::disabled;
  /// Number of event loops, each with one thread, at most 1024. 0: one for each processor that the thread that starts the app may use.
  /// The number is fixed once the app has started.
  unsigned threads = 0;
  /// For development: the app's log receives records of every level, so every connection, refusal and failure, and which address is listened
  /// on; and close frames after a failure tell the peer what failed. It holds for the whole app from then on.
  bool development = false;
};

/// Checks that the options do not contradict one another, are within their limits, and name valid trusted proxies.
///
/// *Errors*: Throws `std::invalid_argument` that names the option, or both: "Cannot specify both 'port' and 'unix'".
HARPIA_API void validate(const listen_options& options);

} // namespace harpia::inline v0
