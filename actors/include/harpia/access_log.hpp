// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/export.hpp>
#include <harpia/middleware.hpp>
#include <harpia/statistics.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace harpia::inline v0 {

/// The summary of a connection that has ended, or of a request that was answered: for a page, or for an upgrade that was refused.
///
/// *Lifetimes* The views are valid until the function that receives the record returns.
struct access_record {
  std::string_view remote_address;     ///< as `ws.remote_address()`
  std::string_view method;             ///< GET for connections
  std::string_view path;               ///< without the query, which may hold secrets
  int status = 101;                    ///< of the response: 101 for connections
  std::chrono::milliseconds lasted{0}; ///< from `open` to `close`; for a request, until the response was decided on
  traffic received = {};               ///< of connections, as all that follows
  traffic sent = {};                   ///< messages to this connection alone
  traffic published = {};              ///< messages of groups to it
  close_code code = close_code::abnormal;
  std::string_view reason = {}; ///< the reason that belongs to `code`, sent by the peer or by this side
};

/// Formats a record as one line, without a line break at its end. Bytes that are not printable ASCII are escaped:
/// `192.0.2.1 GET /chat 101 12.345s received 3/120 sent 4/180 published 1/12 1000 "bye"` for a connection,
/// `192.0.2.1 GET /chat 403 0.001s` for a request.
[[nodiscard]] HARPIA_API std::string to_line(const access_record& record);

/// Makes a middleware that passes a record of each ended connection of its routes, of each upgrade that a layer further in or the route
/// refuses, and of each request for its pages to `write`: `app.use(harpia::access_log(…))`.
///
/// What is refused before any layer is asked is not there: paths without a route, origins, limits. `app_statistics::refused` counts all.
///
/// The layer counts the messages that reach it. Incoming messages that an outer layer holds back are not counted as received.
/// @param write is called after the route's `close`, on the connection's thread; must not block
///
/// *Errors* Throws `std::invalid_argument` if `write` is empty.
///
/// *Thread safety* Connections of different loops call `write` concurrently.
[[nodiscard]] HARPIA_API middleware_factory access_log(std::function<void(const access_record&)> write);

} // namespace harpia::inline v0
