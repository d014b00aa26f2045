// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"
#include <harpia/listen_options.hpp>

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <system_error>

namespace harpia::net {

/// What became of an attempt to accept.
enum class accept_outcome : std::uint8_t {
  accepted,    ///< here is a connection
  would_block, ///< nobody waits: come back when the socket is readable
  retry,       ///< this one connection failed before it was accepted: try again at once
  exhausted,   ///< no descriptors or memory, or an error nobody expects: the peer still waits, so pause before trying again
};

struct accept_result {
  accept_outcome outcome = accept_outcome::would_block;
  /// The connection, non-blocking and close-on-exec, if it was accepted.
  unique_fd socket = {};
  /// The peer's numeric host without port, an IPv4 peer of an IPv6 socket as IPv4; empty for Unix sockets.
  std::string remote_address = {};
  /// Why nothing was accepted, for a log.
  std::error_code error = {};
};

/// A socket that listens on one address: bound, non-blocking, close-on-exec.
///
/// Closes its socket when destroyed. A Unix socket's file goes with it, unless somebody else's file has taken its place. Not
/// thread-safe.
class acceptor {
public:
  /// Binds and listens. Takes the first address of a host name that can be bound. A Unix socket file that nobody listens on is
  /// replaced, a file of any other kind never. Does not guard against another process that starts on the path at the same moment.
  /// @throws std::system_error naming the address, for example "Cannot listen on 127.0.0.1:3000: Address already in use"
  explicit acceptor(const listen_options& options);
  acceptor(acceptor&& other) noexcept = default;
  acceptor& operator=(acceptor&& other) noexcept;
  ~acceptor();

  /// The listening socket, to wait on for readability; valid as long as the acceptor.
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  /// The TCP port that it is bound to, 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// The address that it is bound to, for people: "127.0.0.1:41213", "[::1]:80" or a path.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// Takes one waiting connection; never blocks. TCP connections get TCP_NODELAY, as the event loop gathers writes itself.
  [[nodiscard]] accept_result accept();
  /// Whether a connection waits, unless somebody who shares the socket takes it. Costs a tenth of an `accept` that finds none, for
  /// which Linux makes a socket and throws it away.
  [[nodiscard]] bool has_waiting() const noexcept;

private:
  /// Which file a path leads to.
  struct file_id {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const file_id&) const = default;
  };

  [[nodiscard]] static file_id file_at(const std::string& path) noexcept;
  void listen_on_tcp(const listen_options& options);
  void listen_on_unix(const std::string& path);
  void listen_on_service_socket(unsigned index);

  unique_fd socket_;
  bool is_tcp_ = true;
  std::uint16_t port_ = 0;
  std::string address_;
  file_id socket_file_; // zeros unless a Unix socket was bound here
};

} // namespace harpia::net
