// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace harpia::test {

/// The path of a file that `make-certificates` has made.
[[nodiscard]] std::string certificate(const std::string& name);

/// A session to resume.
using tls_session = std::shared_ptr<ssl_session_st>;

struct tls_bridge_options {
  std::string server_name = {}; ///< asked for, if it is not empty
  std::string alpn = {};        ///< one protocol to offer
  std::string cert = {};        ///< names of files for `certificate`
  std::string key = {};
  int max_version = 0; ///< as OpenSSL's TLS1_2_VERSION; 0: the newest
  tls_session session = {};
  std::string before_tls = {};          ///< sent as it is before anything else
  std::function<void()> on_thread = {}; ///< called on the bridge's thread, first
};

/// A TLS client that shares no code with the library: a thread between a connection to a server and a plain socket. Trusts whoever
/// it meets, and tells who that was.
class tls_bridge {
public:
  /// Connects and shakes hands. @throws std::runtime_error if the server refuses, or says nothing for 10 s
  explicit tls_bridge(std::uint16_t port, const tls_bridge_options& options = {});
  ~tls_bridge();
  tls_bridge(const tls_bridge&) = delete;
  tls_bridge& operator=(const tls_bridge&) = delete;

  /// The plain end, for a `raw_client`. Once.
  [[nodiscard]] net::unique_fd take_plain() { return std::move(plain_); }

  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string alpn() const;
  /// The common name of the server's certificate.
  [[nodiscard]] std::string server_subject() const;
  [[nodiscard]] bool resumed() const;

  /// Waits until both ends have closed, and says whether the server did so as TLS wants it (close_notify).
  [[nodiscard]] bool ended_in_order();
  /// After that: what a later bridge may resume.
  [[nodiscard]] tls_session session() const;

private:
  net::unique_fd socket_;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
  net::unique_fd plain_;
  net::unique_fd inner_; // the thread's end of it
  std::thread thread_;
};

} // namespace harpia::test
