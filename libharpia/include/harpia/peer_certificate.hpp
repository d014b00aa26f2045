// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <string>

namespace harpia {

/// A certificate that a peer has shown, and that an authority which is trusted has signed.
struct peer_certificate {
  /// The subject as RFC 2253 writes it, the most special part first: "CN=alice,O=Example". In ASCII: other characters are bytes of
  /// UTF-8 in hexadecimal ("\C3\A4"). Authorities may give one subject to several certificates.
  std::string subject;
  /// SHA-256 of the whole certificate: 64 hexadecimal digits in lower case. Another one once it was renewed.
  std::string fingerprint;
  /// The certificate in PEM, for what else is in it.
  std::string pem;
};

} // namespace harpia
