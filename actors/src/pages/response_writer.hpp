// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "pages/body_stream.hpp"
#include "pages/file_server.hpp"

#include "net/channel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace harpia::inline v0::detail {

/// How a streamed body is framed.
enum class body_framing : std::uint8_t { chunks, end_of_connection };

/// A response on its way to a client: its head, then a body from memory, from a file or from a stream.
///
/// Has no timer and no clock: time is an argument. Belongs to the loop's thread.
class response_writer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class result : std::uint8_t {
    done,    ///< everything is written
    blocked, ///< to go on when the client can be written to: it takes no more, or other connections have their turn
    waiting, ///< nothing is there to write until the stream tells that there is
    drained, ///< to call what `take_drain` returns, and to go on
    failed,  ///< the client has gone, or the file has become shorter than its head says
  };

  response_writer() = default;
  response_writer(const response_writer&) = delete;
  response_writer& operator=(const response_writer&) = delete;
  ~response_writer();

  // Each begins a response; the one before is done.

  void begin(std::string whole) { out_ = std::move(whole); }
  void begin(std::string head, std::optional<file_part> body);
  /// @param on_news is called later and on the loop, after something was written to the body
  void begin(std::string head, std::shared_ptr<body_stream> body, body_framing framing, std::function<void()> on_news);

  /// Writes as much as the client takes, or as much as one turn of the loop may write.
  [[nodiscard]] result write(net::channel& client, time_point now);
  /// The function of the stream's writer that is owed after `drained`.
  [[nodiscard]] std::function<void()> take_drain() noexcept { return std::move(drain_); }

  /// The body is still being written by the program: how long that takes is not the client's fault.
  [[nodiscard]] bool is_streaming() const noexcept { return stream_ != nullptr; }
  /// Whether the client has taken next to nothing for `limit` since a write was blocked. A slow client is no stalled one: the system
  /// tells that there is room only when a large part of what it holds has left, so what the client has acknowledged counts.
  [[nodiscard]] bool is_stalled(const net::channel& client, std::chrono::milliseconds limit, time_point now) noexcept;

  /// The client has gone. @return the function of the stream's writer to call, which may be empty
  [[nodiscard]] std::function<void()> cut();

private:
  [[nodiscard]] result write_waiting(net::channel& client);
  [[nodiscard]] result write_file_piece(net::channel& client);
  [[nodiscard]] result next_piece_of_stream();
  [[nodiscard]] std::uint64_t acknowledged(const net::channel& client) const noexcept;

  std::string out_;                     // bytes that the system has not taken
  std::size_t from_ = 0;                // of `out_`
  std::optional<file_part> file_;       // what is left of it
  std::shared_ptr<body_stream> stream_; // null once it is written
  std::function<void()> drain_;
  body_framing framing_ = body_framing::chunks;
  bool is_blocked_ = false;
  std::optional<std::uint64_t> turn_; // bytes written when the turn began, of one that a drain has interrupted
  std::uint64_t written_ = 0;         // bytes that the system has taken
  std::uint64_t acknowledged_ = 0;    // bytes of them that the client had when it last made progress
  time_point progress_at_;            // when that was, or when the write was blocked
};

} // namespace harpia::inline v0::detail
