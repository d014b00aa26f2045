// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// The body of a response between whoever writes it, on any thread, and the connection that sends it.
class body_stream : public std::enable_shared_from_this<body_stream> {
public:
  /// What has happened to it, for the connection.
  using listener = std::function<void()>;

  /// @param loop null if the request is over: then nothing is sent
  body_stream(net::event_loop* loop, const send_limits& limits) : limits_{limits}, loop_{loop} {}

  // For the writer, from any thread

  send_status write(std::string_view bytes);
  void end();
  void on_drain(std::function<void()> function);
  void on_close(std::function<void()> function);
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] std::size_t buffered() const;

  // For the connection, on its loop

  /// Sets what is called, later and on the loop, after something was written or ended.
  void listen(listener on_news);
  /// Nothing is called or taken any more.
  void leave();
  /// Takes the waiting bytes, or all but what exceeds `most`.
  [[nodiscard]] std::string take(std::size_t most);
  /// Whether nothing waits and nothing will be written any more.
  [[nodiscard]] bool is_finished() const;
  /// The system has all bytes that were taken. @return the function to call if a drain is owed
  [[nodiscard]] std::function<void()> sent();
  /// The client has gone: leaves the stream. @return the function to call
  [[nodiscard]] std::function<void()> cut();

private:
  void tell(); // with the mutex held, as that of the next one
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size() - from_; }

  mutable std::mutex mutex_; // guards what follows
  send_limits limits_;
  net::event_loop* loop_; // null once the connection has let go of it
  listener on_news_;
  std::function<void()> on_drain_;
  std::function<void()> on_close_;
  std::string waiting_;
  std::size_t from_ = 0;  // what was taken of it
  std::size_t taken_ = 0; // bytes that the system does not have yet
  bool ended_ = false;    // by the writer
  bool is_cut_ = false;   // by the client
  bool told_ = false;     // a call of `on_news_` is on its way
  bool owes_drain_ = false;
};

} // namespace harpia::inline v0::detail
