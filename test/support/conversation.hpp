// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/raw_client.hpp"

#include <harpia/close_code.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace harpia::test {

/// A client's end of a connection to an echo server, whatever is in between. The server answers as `echo` does.
///
/// Everything throws a `std::exception` that says so if it cannot be done or does not happen in time.
class conversation {
public:
  virtual ~conversation() = default;

  /// Sends bytes of frames; a piece as small as the transport can carry.
  virtual void send(std::string_view bytes) = 0;
  /// The next frame; nothing at the end of the stream.
  virtual std::optional<frame> read() = 0;
  /// Sends nothing more; reading goes on.
  virtual void end() = 0;
};

/// Messages over it break the limit of an echo server, in bytes.
inline constexpr std::size_t echo_max_payload = std::size_t{2} << 20;

/// What an echo server does with a message: sends it back, or what two texts ask for.
template <class Socket>
void echo(Socket& ws, message_view message) {
  if (message.is_text() && message.text() == "please close")
    ws.close(close_code{4001}, "as you wish");
  else if (message.is_text() && message.text() == "please terminate")
    ws.terminate();
  else
    ws.send(message);
}

} // namespace harpia::test
