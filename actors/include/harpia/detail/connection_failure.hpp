// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>

#include <exception>
#include <utility>

namespace harpia::inline v0::detail {

/// Thrown by library code between a connection and its handlers to fail the connection with an error that is not the handlers'
/// fault.
class connection_failure final : public std::exception {
public:
  explicit connection_failure(error cause) : cause_{std::move(cause)} {}

  [[nodiscard]] const error& cause() const noexcept { return cause_; }
  [[nodiscard]] const char* what() const noexcept override { return cause_.what().c_str(); }

private:
  error cause_;
};

} // namespace harpia::inline v0::detail
