// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstdint>

namespace caf {
class behavior;
class error;
} // namespace caf

namespace harpia {
class socket_base;
}

namespace harpia::detail {

/// How the templates of `connection` reach the actor behind a socket.
struct HARPIA_API behaviour_port {
  /// Whether an event waits for a reply that is being awaited.
  enum class urgency : std::uint8_t { in_order, now };

  static void start(socket_base& ws, caf::behavior first);
  /// Hands the behaviour an event of the socket, one of those in <harpia/events.hpp>, which lives until this returns.
  template <class Event>
  static void tell(socket_base& ws, Event& event, urgency when);
  static void quit(socket_base& ws, caf::error reason);
};

} // namespace harpia::detail
