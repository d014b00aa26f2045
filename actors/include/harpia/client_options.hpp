// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/error.hpp>
#include <harpia/export.hpp>
#include <harpia/route_options.hpp>
#include <harpia/tls_options.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace harpia::inline v0 {

/// Whether a client reconnects after a failed attempt, and after a connection that was lost or that the server closed.
enum class reconnect : std::uint8_t { always, never };

/// How long a client waits before it reconnects (exponential backoff).
///
/// The first wait is `initial`. After each further failure the wait is multiplied by `factor`, up to `max`. A connection that
/// stayed open for longer than the wait that is due resets the wait to `initial`. Timers have a resolution of 100 ms.
///
/// A server that refuses the handshake with Retry-After (RFC 9110, 10.2.3) is left alone for at least as long as it says.
struct reconnect_options {
  reconnect when = reconnect::always;
  std::chrono::milliseconds initial{250}; ///< must be positive and not over `max`
  double factor = 2;                      ///< at least 1
  std::chrono::milliseconds max = std::chrono::seconds{30};
  double jitter = 0.5; ///< from 0 to 1: the largest random share that is subtracted, so that clients do not reconnect all at once
};

/// Names and values of header fields.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// A function that returns header fields.
template <class Function>
concept returns_headers = std::is_invocable_r_v<header_list, Function&>;

/// A function that passes header fields to its argument, at once or later, from any thread.
template <class Function>
concept passes_headers = std::is_invocable_v<Function&, std::function<void(header_list)>>;

/// The header fields that a client adds to its opening handshakes: always the same ones, or made anew for each attempt, for example with a
/// token that expires.
///
///     .headers = {{"Authorization", "Bearer 1"}}
///     .headers = [] { return harpia::header_list{{"Authorization", "Bearer " + read_token()}}; }
///     .headers = [](std::function<void(harpia::header_list)> go_on) { ask_for_token(std::move(go_on)); }
///
/// The functions are called on the client's event loop, before each attempt, and must not block. An attempt fails if they throw.
class client_headers {
public:
  using source = std::function<void(std::function<void(header_list)>)>;

  client_headers() = default;
  client_headers(std::initializer_list<header_list::value_type> fields) : fields_{fields} {}
  client_headers(header_list fields) : fields_{std::move(fields)} {}
  template <returns_headers Function>
  client_headers(Function make)
      : source_{[make = std::move(make)](const std::function<void(header_list)>& go_on) mutable { go_on(make()); }} {}
  template <passes_headers Function>
  client_headers(Function make) : source_{std::move(make)} {}

  /// The fields that are always the same.
  [[nodiscard]] const header_list& fields() const noexcept { return fields_; }
  /// Passes on the fields that are made anew. Empty if they are always the same.
  [[nodiscard]] const source& made_by() const noexcept { return source_; }

private:
  header_list fields_;
  source source_;
};

/// How a client connects, and the limits of its connections. Durations may be of any length: the longest mean never.
struct client_options {
  reconnect_options reconnect = {};
  /// How long one attempt may take, from the resolved name to the response to the opening handshake. Must be positive.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{10};
  /// Header fields to add to the opening handshake. An attempt fails if they are not made within `connect_timeout`.
  client_headers headers = {};
  /// Whether a redirection (301, 302, 303, 307 or 308) is followed, at most five times for an attempt, and never from "wss" to "ws".
  /// Authorization and Cookie are not sent to another host or port. After a connection is lost, the client begins with its URL again.
  bool follow_redirects = false;
  /// Subprotocols to offer, the preferred one first. `ws.subprotocol()` is the one that the server chose.
  std::vector<std::string> subprotocols = {};
  /// Limits of each connection. Its `subprotocols` must be empty. Compression is offered if it is enabled.
  route_options route = {};
  /// TLS options for "wss" URLs. Must have its defaults for "ws" URLs.
  client_tls_options tls = {};
  /// Receives the error of each failed attempt: `errc::connect_failed`, `errc::connect_timeout`, `errc::handshake_refused` with
  /// the answer in `error::response`, or another error of the handshake. Runs on the client's event loop and must not block.
  /// Exceptions are logged.
  std::function<void(const error&)> on_failure = {};
};

/// Checks options for values that are out of range or contradict one another.
///
/// *Errors* Throws `std::invalid_argument` naming the option.
HARPIA_API void validate(const client_options& options);

} // namespace harpia::inline v0
