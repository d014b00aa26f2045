// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace examples {

/// The folder of this program's web page, which the build puts beside the executable: "bin/01_chat" has "bin/01_chat.page". Ends the
/// program if it is not there.
inline std::filesystem::path page_folder() {
  auto folder = std::filesystem::read_symlink("/proc/self/exe");
  folder += ".page";
  if (!std::filesystem::is_directory(folder)) {
    std::cerr << "the folder of the web page is missing: " << folder.string() << '\n';
    std::exit(1);
  }
  return folder;
}

} // namespace examples
