// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/export.hpp>
#include <harpia/middleware.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace harpia {

/// What one direction of a connection has carried: whole messages, and the bytes of their payloads.
struct traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// A connection that has ended. Its views are valid until the function that was given it returns.
struct access_record {
  std::string_view remote_address; ///< as `ws.remote_address()`
  std::string_view path;           ///< without the query, which may hold what is in no log's business
  std::chrono::milliseconds lasted{0};
  traffic received = {};
  traffic sent = {}; ///< to this connection alone; messages of groups are not counted
  close_code code = close_code::abnormal;
  std::string_view reason = {}; ///< the peer's, or this side's
};

/// A record as one line without a line break; what is not printable ASCII is escaped:
/// `192.0.2.1 /chat 12.345s received 3/120 sent 4/180 1000 "bye"`.
[[nodiscard]] HARPIA_API std::string to_line(const access_record& record);

/// Tells `write` of every connection of the routes when it has ended: `app.use(harpia::access_log(…))`.
///
/// Messages are counted where the layer is: those that layers further out hold back are not among what was received.
/// @param write is called after the route's `close`, on the connection's thread, so by several threads at once; it must not block
/// @throws std::invalid_argument if `write` is empty
[[nodiscard]] HARPIA_API middleware_factory access_log(std::function<void(const access_record&)> write);

} // namespace harpia
