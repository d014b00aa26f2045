// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/deflate_options.hpp>

#include <stdexcept>
#include <string>

namespace harpia::inline v0 {

namespace {

void require_between(const char* name, int value, int least, int most) {
  if (value < least || value > most)
    throw std::invalid_argument{std::string{"'deflate."} + name + "' must be from " + std::to_string(least) + " to "
                                + std::to_string(most) + ", but is " + std::to_string(value)};
}

} // namespace

void validate(const deflate_options& options) {
  // RFC 7692 also allows windows of 8 bits, but zlib cannot compress with them.
  require_between("server_max_window_bits", options.server_max_window_bits, 9, 15);
  require_between("client_max_window_bits", options.client_max_window_bits, 9, 15);
  require_between("level", options.level, 0, 9);
  require_between("memory_level", options.memory_level, 1, 9);
}

} // namespace harpia::inline v0
