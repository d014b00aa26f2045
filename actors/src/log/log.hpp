// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>

#include <string_view>

namespace harpia::detail {

/// Writes a line to standard error, with escapes for bytes that are not printable ASCII or UTF-8. Thread-safe; lines do not mix.
void log(std::string_view line);

/// Writes an error that no handler gets.
inline void log(const error& what) {
  log(what.what());
}

} // namespace harpia::detail
