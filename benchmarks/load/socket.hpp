// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "byte_stream.hpp"

#include <stdexcept>
#include <string>

namespace load {

/// Says what failed and errno's reason.
std::runtime_error system_failure(const std::string& what);

/// Owns a file descriptor.
class file_descriptor {
public:
  explicit file_descriptor(int value) : value_(value) {}
  file_descriptor(file_descriptor&& other) noexcept : value_(other.value_) { other.value_ = -1; }
  file_descriptor& operator=(file_descriptor&&) = delete;
  ~file_descriptor();
  [[nodiscard]] int get() const { return value_; }

private:
  int value_;
};

/// A non-blocking TCP socket that connects to `server`, without Nagle's algorithm.
file_descriptor start_connecting(const endpoint& server, source_address source);

} // namespace load
