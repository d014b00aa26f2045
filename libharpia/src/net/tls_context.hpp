// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/unique_fd.hpp"
#include <harpia/tls_options.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace harpia::inline v0::net {

struct tls_identities;

/// The TLS state that the connections of one listening address share: certificates, keys and settings.
///
/// Negotiates "http/1.1" by ALPN (RFC 7301). Resumes sessions by tickets, whose keys live until `reload`. Thread-safe.
class tls_server {
public:
  /// Reads the files. @throws std::invalid_argument naming the file that cannot be used, and why
  explicit tls_server(tls_options options);
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  /// Reads the files again. New connections use the new content; open connections are not affected.
  /// @throws as the constructor does; nothing changes then
  void reload();

  /// Makes a stream over a connected, non-blocking socket. It does the server's part of the TLS handshake once it is watched.
  /// @throws std::system_error if OpenSSL cannot create the session
  [[nodiscard]] std::unique_ptr<byte_stream> accept(unique_fd socket) const;

private:
  const tls_options options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const tls_identities> identities_; // guarded by mutex_
};

/// The TLS state that a client's connections share. Thread-safe.
class tls_client {
public:
  /// Reads the files. @throws std::invalid_argument naming the file that cannot be used, and why
  explicit tls_client(client_tls_options options);
  ~tls_client();
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  /// As `tls_server::accept`. Reads fail unless the server presents a valid certificate for `host`, a name or an address.
  [[nodiscard]] std::unique_ptr<byte_stream> connect(unique_fd socket, const std::string& host) const;

private:
  const client_tls_options options_;
  std::shared_ptr<const tls_identities> identity_;
};

} // namespace harpia::inline v0::net
