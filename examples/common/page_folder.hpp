// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <filesystem>

namespace examples {

/// The folder of this program's web page, which the build puts beside the executable: "bin/01_chat" has "bin/01_chat.page".
inline std::filesystem::path page_folder() {
  auto folder = std::filesystem::read_symlink("/proc/self/exe");
  folder += ".page";
  return folder;
}

} // namespace examples
