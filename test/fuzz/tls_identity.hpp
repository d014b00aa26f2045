// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"

#include <string>

namespace harpia::fuzz {

/// To be called before anything else of OpenSSL: its memory is counted (support/counted_memory.hpp) along with that of `new`.
void have_openssl_counted();

/// From here on OpenSSL's random numbers are the same every time: an input does the same whenever it is run, and keys are no secret.
void make_openssl_predictable();

/// A certificate that was signed by nobody but itself, and its key. It is never over, and all that it needs of the machine is memory.
class tls_identity {
public:
  explicit tls_identity(const char* common_name);

  /// Paths of PEM files, as long as this lives.
  [[nodiscard]] const std::string& cert_path() const noexcept { return cert_path_; }
  [[nodiscard]] const std::string& key_path() const noexcept { return key_path_; }

private:
  net::unique_fd cert_file_;
  net::unique_fd key_file_;
  std::string cert_path_;
  std::string key_path_;
};

} // namespace harpia::fuzz
