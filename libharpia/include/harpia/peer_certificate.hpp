// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <string>

namespace harpia::inline v0 {

/// A certificate that a peer presented and that a trusted authority has signed.
struct peer_certificate {
  /// The subject in the form of RFC 2253, the most specific part first: "CN=alice,O=Example". It is ASCII; other characters are escaped as
  /// hexadecimal bytes of UTF-8 ("\C3\A4").
  ///
  /// *Not promised*: That it is unique. Authorities may give one subject to several certificates.
  std::string subject;
  /// SHA-256 of the whole certificate: 64 hexadecimal digits in lower case. It changes when the certificate is renewed.
  std::string fingerprint;
  /// The whole certificate in PEM, for its other fields.
  std::string pem;
};

} // namespace harpia::inline v0
