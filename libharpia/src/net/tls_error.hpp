// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <system_error>

namespace harpia::net {

/// What OpenSSL has to say of the last function that failed on this thread; its queue of errors is empty then.
[[nodiscard]] std::error_code take_tls_error() noexcept;

/// Why a certificate was not accepted. @param result what X509_V_... names
[[nodiscard]] std::error_code certificate_error(long result) noexcept;

} // namespace harpia::net
