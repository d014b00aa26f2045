// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>

#include <string_view>

namespace harpia::detail {

/// Writes a line to standard error, what is not printable ASCII or UTF-8 text escaped. From any thread; lines do not mix.
void log(std::string_view line);

/// Writes what nobody else will hear of.
inline void log(const error& what) {
  log(what.what());
}

} // namespace harpia::detail
