// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/message.hpp>

#include <cstdint>
#include <optional>

namespace harpia::inline v0 {
class socket_base;
}

namespace harpia::inline v0::detail {

/// The access of coroutines to the connection behind a socket. On the loop's thread.
struct HARPIA_API coroutine_port {
  /// Whether the coroutine with that suspension still waits. If so, its awaitable exists.
  [[nodiscard]] static bool is_waiting(socket_base& ws, std::uint64_t suspension) noexcept;
  /// Continues the coroutine with that suspension, if it still waits, within the event that is being handled.
  static void resume(socket_base& ws, std::uint64_t suspension);

  /// Whether a drain is due, after which `drained` continues.
  [[nodiscard]] static bool is_drain_due(socket_base& ws) noexcept;
  /// Takes a message that is kept for `receive`. @return whether `receive` is done: with a message, or for ever
  [[nodiscard]] static bool take_message(socket_base& ws, std::optional<message>& into);
  /// The coroutine with that suspension gets the next message in `into`, or nothing at the end of the connection.
  static void receive_into(socket_base& ws, std::uint64_t suspension, std::optional<message>& into);
  /// Gives the conversation a message of the peer.
  static void deliver(socket_base& ws, message_view received);
};

} // namespace harpia::inline v0::detail
