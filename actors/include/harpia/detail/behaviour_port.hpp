// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/connection_event.hpp>
#include <harpia/export.hpp>

namespace caf {
class behavior;
class error;
class message;
} // namespace caf

namespace harpia::inline v0 {
class socket_base;
}

namespace harpia::inline v0::detail {

/// The access of the template `connection` to the actor behind a socket.
struct HARPIA_API behaviour_port {
  static void start(socket_base& ws, caf::behavior first);
  /// Delivers an event of the socket to the behaviour, as one of the types in <harpia/events.hpp>.
  static void deliver(socket_base& ws, const websocket::connection_event& what);
  /// Delivers a message of the peer that a codec has decoded.
  static void deliver_decoded(socket_base& ws, caf::message decoded);
  static void quit(socket_base& ws, caf::error reason);
};

} // namespace harpia::inline v0::detail
