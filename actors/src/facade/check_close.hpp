// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/utf8.hpp"
#include <harpia/close_code.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// Checks that a close frame can carry the arguments (RFC 6455, 5.5, 5.5.1 and 7.4). @throws std::invalid_argument naming the invalid one
inline void check_close(close_code code, std::string_view reason) {
  if (!is_sendable(code))
    throw std::invalid_argument{"close code " + std::to_string(static_cast<unsigned>(code)) + " must not be sent"};
  if (reason.size() > max_close_reason)
    throw std::invalid_argument{"a close reason has at most 123 bytes, not " + std::to_string(reason.size())};
  if (!websocket::is_utf8(std::as_bytes(std::span{reason})))
    throw std::invalid_argument{"a close reason must be UTF-8"};
}

} // namespace harpia::inline v0::detail
