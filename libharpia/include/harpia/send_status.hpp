// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstdint>
#include <string_view>

namespace harpia::inline v0 {

/// The result of `send` for one message.
enum class send_status : std::uint8_t {
  sent,     ///< accepted; no more bytes than the high watermark wait for the peer
  buffered, ///< accepted; more bytes than the high watermark wait: pause until `drain`
  dropped,  ///< refused by the route's `on_limit` policy; the message will not be sent
  closed,   ///< refused because the connection is closing or closed
};

/// The state of a connection, as in the WebSocket interface of browsers.
enum class ready_state : std::uint8_t {
  open,    ///< messages can be sent and received
  closing, ///< a close frame was sent or received; nothing more can be sent
  closed,  ///< `close` was called or is running; the socket is closed
};

[[nodiscard]] HARPIA_API std::string_view to_string(send_status status) noexcept;
[[nodiscard]] HARPIA_API std::string_view to_string(ready_state state) noexcept;

} // namespace harpia::inline v0
