// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>

#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

namespace harpia::inline v0::detail {

/// Close the connection. A message to its actor; client supervisors accept it, too.
struct close_order {
  close_code code;
  std::string reason;
};

} // namespace harpia::inline v0::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::close_order)
