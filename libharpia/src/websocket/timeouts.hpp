// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/socket_state.hpp"
#include <harpia/route_options.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace harpia::inline v0::websocket {

/// The time limits of a connection: keep-alive, lifetime, and the time that a closing peer has. Each counts from the last progress: a byte
/// that the peer sent, or that it took.
///
/// Has no clock: time is an argument. Whoever uses it calls `check` at the time that `due` returns.
class timeouts {
public:
  /// Bytes per second that a peer must take on average of what it is owed after the end. Who takes less occupies memory for too long.
  static constexpr std::size_t min_rate = 4096;
  /// Time without progress after which a peer that is owed something after the end is given up, if the close timeout is not shorter. Nothing
  /// but this ends it: a stop waits for what is owed.
  static constexpr std::chrono::milliseconds longest_flush = std::chrono::seconds{30};

  using time_point = std::chrono::steady_clock::time_point;

  /// @param share of `max_lifetime_jitter` that the lifetime is shorter by, from 0 to 1
  timeouts(const route_options& options, time_point now, double share = 0) noexcept;

  enum class stage : std::uint8_t { opening, open, closing };
  enum class verdict : std::uint8_t { goes_on, send_ping, idle, too_old, close_timed_out, opening_timed_out };
  /// Whether the peer's bytes are read at present.
  enum class reading : bool { off, on };

  /// A client's opening handshake has to be answered by `deadline`.
  void open_until(time_point deadline) noexcept { expires_ = deadline; }
  void opened(time_point now) noexcept;
  /// The closing handshake has begun.
  void closing(time_point now) noexcept;
  /// The connection has ended, and the peer is owed `bytes`. Beside the close timeout it has the time for them that `min_rate` gives. The close timeout is
  /// `longest_flush` at most from then on.
  void flushing(time_point now, std::size_t bytes) noexcept;
  void received(time_point now) noexcept { alive_ = now; }
  /// The operating system took `count` bytes.
  void taken(std::size_t count, time_point now) noexcept {
    taken_ += count;
    progress_ = std::max(progress_, now);
  }
  /// The next `count` bytes that are taken are a ping. They are no sign of life.
  void pinged(std::size_t count) noexcept { acknowledged_ += count; }

  /// Whether a closing peer has taken nothing for `time`, as far as is known: not at the first look.
  [[nodiscard]] bool is_stuck(std::chrono::milliseconds time, time_point now, const net::socket_state& socket) noexcept;
  /// When `check` is due; `time_point::max()`: never.
  [[nodiscard]] time_point due(stage at) const noexcept;
  /// What is due now, and what has to be done about it.
  [[nodiscard]] verdict check(stage at, time_point now, const net::socket_state& socket, reading reads) noexcept;

private:
  [[nodiscard]] bool observe(time_point now, const net::socket_state& socket) noexcept;
  [[nodiscard]] time_point idle_at() const noexcept;
  [[nodiscard]] verdict check_open(time_point now, const net::socket_state& socket, reading reads) noexcept;
  [[nodiscard]] std::chrono::milliseconds ping_interval() const noexcept;

  // In milliseconds; 0: never. What does not fit, more than 49 days, means never, too.
  std::uint32_t max_lifetime_;
  std::uint32_t idle_timeout_;
  std::uint32_t ping_interval_;
  std::uint32_t close_timeout_;
  time_point expires_;             // the end of the maximum lifetime, or of the opening handshake; max: never
  time_point alive_;               // the last sign of life
  time_point asked_;               // when the first ping since then was due
  time_point progress_;            // when the operating system last took bytes
  std::uint64_t taken_ = 0;        // bytes that it took
  std::uint64_t acknowledged_ = 0; // bytes of them that the peer had acknowledged at the last check
  std::uint32_t unread_ = 0;       // as of the last check
};

} // namespace harpia::inline v0::websocket
