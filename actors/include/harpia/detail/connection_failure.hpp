// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>

#include <exception>
#include <utility>

namespace harpia::detail {

/// Thrown by library code between a connection and its handlers to fail the connection with an error that is not the handlers'
/// fault.
class connection_failure final : public std::exception {
public:
  explicit connection_failure(error told) : told_{std::move(told)} {}

  [[nodiscard]] const error& told() const noexcept { return told_; }
  [[nodiscard]] const char* what() const noexcept override { return told_.what().c_str(); }

private:
  error told_;
};

} // namespace harpia::detail
