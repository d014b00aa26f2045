// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"
#include <harpia/listen_options.hpp>

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <system_error>
#include <vector>

namespace harpia::inline v0::net {

/// The outcome of an attempt to accept.
enum class accept_outcome : std::uint8_t {
  accepted,    ///< a connection was accepted
  would_block, ///< no connection is pending: wait until the socket is readable
  retry,       ///< the connection failed before it was accepted: try again at once
  exhausted,   ///< no descriptors or memory, or an unexpected error: the connection is still pending, so pause first
};

struct accept_result {
  accept_outcome outcome = accept_outcome::would_block;
  /// The accepted socket, non-blocking and close-on-exec. Empty unless `accepted`.
  unique_fd socket = {};
  /// The peer's numeric host, without port. An IPv4 peer of an IPv6 socket is given as IPv4. Empty for Unix sockets.
  std::string remote_address = {};
  /// Why nothing was accepted, for a log.
  std::error_code error = {};
};

/// A socket that listens on one address: bound, non-blocking, close-on-exec.
///
/// The destructor closes the socket. It also removes a Unix socket's file, unless another file has replaced it. Not thread-safe.
class acceptor {
public:
  /// Binds and listens. Uses the first address of a host name that can be bound. Replaces a Unix socket file that no process listens
  /// on, but never another kind of file. Does not guard against another process that starts on the path at the same moment.
  /// @throws std::system_error naming the address, for example "Cannot listen on 127.0.0.1:3000: Address already in use"
  explicit acceptor(const listen_options& options);

  /// Binds and listens as above, but on all addresses of a host name, such as those of both families that "localhost" has. All have the same
  /// port. Addresses that this machine does not have are left out, unless it has none.
  /// @return at least one
  [[nodiscard]] static std::vector<acceptor> listen_on_all(const listen_options& options);

  acceptor(acceptor&& other) noexcept = default;
  acceptor& operator=(acceptor&& other) noexcept;
  ~acceptor();

  /// The listening socket, to wait on for readability; valid as long as the acceptor.
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  /// The TCP port that it is bound to, 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// The address that it is bound to, for people: "127.0.0.1:41213", "[::1]:80" or a path.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// Accepts one pending connection; never blocks. Sets TCP_NODELAY on TCP connections, as the event loop gathers writes itself.
  [[nodiscard]] accept_result accept();
  /// Leaves new clients of a shared port to the other sockets that listen on it; those whose connection is being made still come. Such a
  /// client's first packet is dropped, and the one that it sends again a second later goes elsewhere, if this socket is closed by then. Does
  /// nothing for other sockets.
  /// @return whether it does something: then the socket should stay open for as long as connections take to be made
  bool leave_new_clients_to_others() noexcept;
  /// Whether a connection is pending. Another acceptor that shares the socket may still take it. Costs a tenth of an `accept` that
  /// finds none, for which Linux creates a socket and discards it.
  [[nodiscard]] bool has_waiting() const noexcept;

private:
  /// Identifies the file at a path.
  struct file_id {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const file_id&) const = default;
  };

  acceptor(unique_fd listening, const std::string& wanted, bool is_shared);

  [[nodiscard]] static file_id file_at(const std::string& path) noexcept;
  void listen_on_tcp(const listen_options& options);
  void name_address(const std::string& wanted);
  void listen_on_unix(const listen_options& options);
  void listen_on_service_socket(unsigned index);

  unique_fd socket_;
  bool is_tcp_ = true;
  bool is_shared_ = false; // the port, with other sockets
  std::uint16_t port_ = 0;
  std::string address_;
  file_id socket_file_; // zeros unless a Unix socket was bound here
};

} // namespace harpia::inline v0::net
