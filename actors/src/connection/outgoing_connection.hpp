// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "routes/route_set.hpp"

#include <harpia/error.hpp>

namespace harpia::inline v0::detail {

class connection;

/// The cause of a connection's end: this side's program, or the peer or a failure.
enum class ended_by : bool { peer_or_failure, program };

/// The owner of an outgoing connection, notified of its progress. Calls come on the loop's thread, from inside the connection's own
/// functions.
///
/// Order: `on_connected` or `on_connect_failed`, unless the connection is terminated before; then `on_connection_ended`, once.
class connection_owner {
public:
  /// The connection is open; its `open` handler is called next.
  virtual void on_connected(connection& opened) = 0;
  virtual void on_connect_failed(const error& why) = 0;
  /// The connection has ended, and its `close` handler was called if `open` was.
  virtual void on_connection_ended(ended_by cause) = 0;

protected:
  ~connection_owner() = default;
};

/// State shared by an outgoing connection and its owner. On the loop's thread.
struct outgoing_connection {
  websocket_route route;
  connection_owner* owner;  // null once it is destroyed, or was notified of the end
  bool opened = false;      // the server accepted the handshake
  bool closed_here = false; // this side's program closed it
};

} // namespace harpia::inline v0::detail
