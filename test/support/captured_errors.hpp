// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "temporary_folder.hpp"

#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace harpia::test {

/// What is written to standard error while it lives.
class captured_errors {
public:
  captured_errors() { redirect_to(::open(folder_.file("errors").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); }
  ~captured_errors() { redirect_to(saved_.release()); }
  captured_errors(const captured_errors&) = delete;
  captured_errors& operator=(const captured_errors&) = delete;

  [[nodiscard]] std::string text() const {
    std::ifstream file{folder_.file("errors")};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

private:
  static void redirect_to(int descriptor) {
    ::dup2(descriptor, STDERR_FILENO);
    ::close(descriptor);
  }

  temporary_folder folder_;
  net::unique_fd saved_{::dup(STDERR_FILENO)};
};

} // namespace harpia::test
