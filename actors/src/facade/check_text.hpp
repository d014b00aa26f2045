// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/utf8.hpp"
#include <harpia/message_view.hpp>

#include <stdexcept>

namespace harpia::inline v0::detail {

/// Checks that a message that is sent as text is UTF-8: a browser would end the connection with 1007. @throws std::invalid_argument
inline void check_text(message_view message) {
  if (message.is_text() && !websocket::is_utf8(message.bytes()))
    throw std::invalid_argument{"a text message must be UTF-8; other bytes are sent as a binary message"};
}

} // namespace harpia::inline v0::detail
