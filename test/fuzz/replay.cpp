// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "input.hpp"

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

// Stands in for libFuzzer where there is none: gives a fuzz target the files that are named, each once.

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw std::runtime_error{path + " cannot be read"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

int main(int argc, char** argv) try {
  if (argc < 2)
    throw std::runtime_error{"usage: name the files to replay"};
  for (int i = 1; i < argc; ++i) {
    std::printf("%s\n", argv[i]);
    std::fflush(stdout); // a finding aborts
    const auto content = content_of(argv[i]);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  }
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
