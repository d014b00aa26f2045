// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace harpia {

/// The oldest version of TLS that is spoken (RFC 5246, RFC 8446); older ones than these are not (RFC 8996).
enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };

/// Whether clients have to show a certificate, too.
enum class client_certificate : std::uint8_t {
  ignored,  ///< none is asked for
  optional, ///< one is asked for; a client that shows one which `ca` has not signed is refused
  required, ///< a client without one that `ca` has signed is refused
};

/// A certificate and its key: paths of PEM files, read when an address is listened on, and by `app::reload_tls`.
struct tls_certificate {
  std::string cert = {}; ///< the certificate, followed by those that lead to the authority
  std::string key = {};
  std::string passphrase = {}; ///< of an encrypted key
};

/// How a server speaks TLS.
struct tls_options {
  /// As those of `tls_certificate`. Without `cert` there is no TLS.
  std::string cert = {};
  std::string key = {};
  /// Path of a PEM file: the authorities whose certificates clients may show.
  std::string ca = {};
  std::string passphrase = {};
  tls_version min_version = tls_version::tls_1_2;
  harpia::client_certificate client_certificate = harpia::client_certificate::ignored;
  /// For other host names: the first of these that is valid for the name that a client asks for (SNI, RFC 6066, 3) is shown instead
  /// of `cert`. Each is compared with the name, so many thousands would be slow.
  std::vector<tls_certificate> further = {};

  [[nodiscard]] bool enabled() const noexcept { return !cert.empty(); }
};

/// How a client speaks TLS, to a "wss" URL.
struct client_tls_options {
  /// Path of a PEM file: the authorities to trust. Empty: those that the system trusts.
  std::string ca = {};
  /// Paths of PEM files: what to show a server that asks for a certificate. Empty: nothing.
  std::string cert = {};
  std::string key = {};
  std::string passphrase = {};
  tls_version min_version = tls_version::tls_1_2;
  /// Whose certificate is asked for and expected. Empty: the URL's host.
  std::string server_name = {};

  bool operator==(const client_tls_options&) const = default;
};

/// Refuses options that contradict one another. Files are looked at later.
/// @throws std::invalid_argument naming the option
HARPIA_API void validate(const tls_options& options);
HARPIA_API void validate(const client_tls_options& options);

} // namespace harpia
