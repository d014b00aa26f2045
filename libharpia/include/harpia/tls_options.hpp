// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace harpia::inline v0 {

/// The oldest TLS version that is accepted (RFC 5246, RFC 8446). Versions before 1.2 are never accepted (RFC 8996).
enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };

/// Whether clients must present a certificate.
enum class client_certificate : std::uint8_t {
  ignored,  ///< no certificate is requested
  optional, ///< a certificate is requested; a client that presents one that `ca` has not signed is refused
  required, ///< a client without a certificate that `ca` has signed is refused
};

/// A certificate and its key, as paths of PEM files. They are read when an address is listened on, and by `app::reload_tls`.
struct tls_certificate {
  std::string cert = {}; ///< the certificate, followed by the chain to the authority
  std::string key = {};
  std::string passphrase = {}; ///< of an encrypted key
};

/// The TLS options of a server.
struct tls_options {
  /// Certificate and key, as in `tls_certificate`. Without `cert`, TLS is off.
  std::string cert = {};
  std::string key = {};
  /// Path of a PEM file with the authorities that may sign client certificates.
  std::string ca = {};
  std::string passphrase = {};
  tls_version min_version = tls_version::tls_1_2;
  harpia::client_certificate client_certificate = harpia::client_certificate::ignored;
  /// Certificates for other host names. If `cert` is not valid for the name that a client asks for (SNI), the first of these that is valid
  /// for it is presented instead. Each one is compared with the name: the time grows with their number.
  ///
  /// *Source*: RFC 6066, 3.
  std::vector<tls_certificate> further = {};

  [[nodiscard]] bool enabled() const noexcept { return !cert.empty(); }
};

/// The TLS options of a client for "wss" URLs.
struct client_tls_options {
  /// Path of a PEM file with the authorities to trust. Empty: those that the system trusts.
  std::string ca = {};
  /// Paths of PEM files: the certificate and key for a server that asks for a certificate. Empty: none is presented.
  std::string cert = {};
  std::string key = {};
  std::string passphrase = {};
  tls_version min_version = tls_version::tls_1_2;
  /// Host whose certificate is requested (SNI) and for which it must be valid. Empty: the URL's host.
  std::string server_name = {};

  bool operator==(const client_tls_options&) const = default;
};

/// Checks that the options do not contradict one another. Files are read later.
///
/// *Errors*: Throws `std::invalid_argument` that names the option.
HARPIA_API void validate(const tls_options& options);
HARPIA_API void validate(const client_tls_options& options);

} // namespace harpia::inline v0
