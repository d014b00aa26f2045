// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string>

namespace harpia::inline v0::net {

namespace {

class tls_category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }

  [[nodiscard]] std::string message(int value) const override {
    const auto* reason = ERR_reason_error_string(static_cast<unsigned long>(value));
    return reason ? reason : "TLS error " + std::to_string(value);
  }
};

class certificate_category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "certificate"; }

  [[nodiscard]] std::string message(int value) const override {
    return std::string{"the certificate is not accepted: "} + X509_verify_cert_error_string(value);
  }
};

} // namespace

std::error_code take_tls_error() noexcept {
  static const tls_category category;
  const auto code = ERR_get_error(); // the first is the cause
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code))
    return {ERR_GET_REASON(code), std::system_category()};
  return {static_cast<int>(code != 0 ? code : ERR_PACK(ERR_LIB_SSL, 0, SSL_R_PROTOCOL_IS_SHUTDOWN)), category};
}

std::error_code certificate_error(long result) noexcept {
  static const certificate_category category;
  return {static_cast<int>(result), category};
}

} // namespace harpia::inline v0::net
