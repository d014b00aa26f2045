// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdlib>
#include <string_view>

namespace peers {

/// The number after --port, or 0: any port.
inline int port_option(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i)
    if (std::string_view{argv[i]} == "--port")
      return std::atoi(argv[i + 1]);
  return 0;
}

/// Whether `flag` is among the arguments.
inline bool has_option(int argc, char** argv, std::string_view flag) {
  for (int i = 1; i < argc; ++i)
    if (argv[i] == flag)
      return true;
  return false;
}

} // namespace peers
