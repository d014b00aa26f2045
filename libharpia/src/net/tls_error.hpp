// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <system_error>

namespace harpia::inline v0::net {

/// The error of the last OpenSSL function that failed on this thread. Empties the thread's error queue.
[[nodiscard]] std::error_code take_tls_error() noexcept;

/// Why a certificate was not accepted. @param result an X509_V_... code
[[nodiscard]] std::error_code certificate_error(long result) noexcept;

} // namespace harpia::inline v0::net
