// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <stdexcept>
#include <string>

namespace harpia::inline v0 {

/// Reports an invalid option. @throws std::invalid_argument
[[noreturn]] inline void refuse_option(const std::string& why) {
  throw std::invalid_argument{why};
}

} // namespace harpia::inline v0
