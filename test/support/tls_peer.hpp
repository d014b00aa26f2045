// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct ssl_session_st;
struct ssl_st;

namespace harpia::test {

struct tls_peer_options {
  int max_version = 0;   ///< as OpenSSL's TLS1_2_VERSION; 0: the newest
  std::string cert = {}; ///< paths of PEM files, to be shown if the server asks for a certificate
  std::string key = {};
  std::shared_ptr<ssl_session_st> session = {}; ///< to be resumed
};

/// A TLS client without a socket, OpenSSL's: its records are taken from it and brought to it by hand. It trusts whoever it meets.
class tls_peer {
public:
  explicit tls_peer(const tls_peer_options& options = {});

  /// Takes what came from the server, if anything, and does what it can: it shakes hands, and hears. @return the plain text
  std::string receive(std::string_view bytes);
  /// What it has for the server: whole records.
  [[nodiscard]] std::string take_records();

  /// Returns false, and has said nothing, before it is connected, and once it has closed or failed.
  bool say(std::string_view text);
  /// A KeyUpdate (RFC 8446, 4.6.3), which may ask for another one. Not before TLS 1.3.
  enum class key_update : bool { silent, asking };
  void update_keys(key_update how);
  /// Another handshake inside this one, which TLS 1.3 has no more.
  void renegotiate();
  /// Says close_notify, if it is connected.
  void close();

  [[nodiscard]] bool is_connected() const noexcept;
  /// The server has said close_notify.
  [[nodiscard]] bool has_heard_the_end() const noexcept;
  [[nodiscard]] bool has_resumed() const noexcept;
  /// To be resumed by another.
  [[nodiscard]] std::shared_ptr<ssl_session_st> session() const;

private:
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
  bio_st* in_; // the session's, with `out_`
  bio_st* out_;
};

} // namespace harpia::test
