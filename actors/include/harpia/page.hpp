// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/http.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace caf {
class event_based_actor;
}

namespace harpia::inline v0 {

namespace detail {
struct access;
class body_stream;
class exchange_state;
class file_server;
class pending_answer;
} // namespace detail

/// The body of a response while it is being written, for example server-sent events. Copies refer to one body. It ends when `end` is
/// called or the last copy is destroyed, and is cut when the client goes.
///
/// *Thread safety* May be copied and used on any thread. The functions given to it run on the connection's event loop, under the rules for
/// handlers.
class HARPIA_API http_stream {
public:
  /// Sends bytes, in one piece. An empty piece is none.
  /// @return `buffered` if more than the high watermark wait for the client now: then `on_drain` follows; `dropped` if they would exceed the
  ///   limit, so that nothing was sent; `closed` after the end
  send_status write(std::string_view bytes) const;

  /// Ends the body. The client has all of it.
  void end() const;

  /// Sets a function for the moment when the waiting bytes have fallen to the low watermark, after a `write` was `buffered`.
  void on_drain(std::function<void()> function) const;
  /// Sets a function for the moment when the client has gone before the end. It is not called if that was before: look at `is_open`
  /// afterwards.
  void on_close(std::function<void()> function) const;

  [[nodiscard]] bool is_open() const noexcept;
  /// Bytes that wait for the client, without the framing.
  [[nodiscard]] std::size_t buffered() const noexcept;

private:
  friend class http_reply;
  struct shared_end;
  explicit http_stream(std::shared_ptr<detail::body_stream> state);
  std::shared_ptr<shared_end> state_;
};

/// A request for a page that is answered later. Copies share one answer: the first one counts. If the last copy is destroyed without an
/// answer, the client gets 500. If there is no answer within `app_options::handshake_timeout`, it gets 504.
///
/// *Thread safety* May be copied and used on any thread, except `self`.
class HARPIA_API http_reply {
public:
  /// Answers.
  ///
  /// *Errors* Throws `std::invalid_argument` naming what is wrong with the response.
  void send(http_response response) const;

  /// Answers with a body that is written piece by piece. A client that takes nothing of it for 30 seconds is cut off.
  /// @param head without a body and without Content-Length
  /// @param limits of the bytes that wait for the client; the policy at the limit is `on_limit::drop_newest`
  ///
  /// *Errors* Throws `std::invalid_argument` naming what is wrong with the head or the limits.
  [[nodiscard]] http_stream stream(http_response head = {}, const send_limits& limits = {}) const;

  /// The router actor of this event loop, for requests to other actors. Their responses are handled on this thread. To be called in the
  /// page's handler.
  [[nodiscard]] caf::event_based_actor& self() const noexcept;

private:
  friend struct detail::access;
  explicit http_reply(std::shared_ptr<detail::exchange_state> state);
  std::shared_ptr<detail::pending_answer> answer_;
};

/// A function that returns the response to a request for a page.
template <class Function>
concept answers_at_once = std::is_invocable_r_v<http_response, Function&, const request&>;

/// A function that answers a request for a page by its `http_reply`, at any time.
template <class Function>
concept answers_later = !answers_at_once<Function> && std::is_invocable_v<Function&, const request&, http_reply>;

/// What answers requests for a page: a function that returns its response, or one that takes an `http_reply`, with which it is answered
/// later. It runs on an event loop's thread and must not block. For HEAD, a body is not sent.
///
/// *Errors* An exception is logged and answered with 500, as is a returned response that cannot be sent.
class page_handler {
public:
  template <answers_at_once Function>
  page_handler(Function answer) : answer_{std::move(answer)} {}
  template <answers_later Function>
  page_handler(Function reply) : reply_{std::move(reply)} {}

private:
  friend struct detail::access;
  explicit page_handler(std::shared_ptr<const detail::file_server> files) : files_{std::move(files)} {}

  // One of these.
  http_handler answer_;
  std::function<void(const request&, http_reply)> reply_;
  std::shared_ptr<const detail::file_server> files_;
};

/// Options of a page.
struct page_options {
  /// Largest body of a request, in bytes. A larger one gets 413.
  std::size_t max_body = std::size_t{64} << 10;
};

/// Options of files that are served.
struct file_options {
  /// The field Cache-Control of the files: "no-cache" makes browsers ask whether a file has changed, which costs no body if it has not.
  /// Files whose names change with their content may have "public, max-age=31536000, immutable". Empty: none is sent.
  std::string cache_control = "no-cache";
};

/// An event of a response with the content type "text/event-stream", which browsers read with EventSource:
///
///     app.get("/prices", [](const harpia::request&, harpia::http_reply reply) {
///       const auto events = reply.stream({.content_type = "text/event-stream"});
///       events.write(harpia::to_text(harpia::server_sent_event{.data = "1.08", .event = "eurusd"}));
///     });
///
/// *Source* HTML Standard, 9.2, Server-sent events.
struct server_sent_event {
  std::string_view data = {};  ///< any text; each line becomes a line of its own
  std::string_view event = {}; ///< the type; empty: "message". Without line breaks.
  std::string_view id = {};    ///< what a reconnecting browser sends as Last-Event-ID; empty: none. Without line breaks and NUL.
  int retry = -1;              ///< milliseconds that a browser waits before it reconnects; -1: as before
};

/// The event as it is sent. An event without data is not delivered by browsers, so it serves to keep the connection open.
///
/// *Errors* Throws `std::invalid_argument` if `event` or `id` holds a line break, or `id` a NUL.
[[nodiscard]] HARPIA_API std::string to_text(const server_sent_event& event);

} // namespace harpia::inline v0
