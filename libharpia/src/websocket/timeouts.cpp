// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/timeouts.hpp"

#include "net/deadline.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace harpia::websocket {

namespace {

constexpr auto unknown = std::numeric_limits<std::uint64_t>::max();

std::uint32_t stored(std::chrono::milliseconds time) noexcept {
  constexpr std::chrono::milliseconds::rep most = std::numeric_limits<std::uint32_t>::max();
  return time.count() > most ? 0 : static_cast<std::uint32_t>(std::max<std::chrono::milliseconds::rep>(time.count(), 0));
}

std::chrono::milliseconds shortened(std::chrono::milliseconds time, double share) noexcept {
  if (time.count() == 0)
    return time;
  const auto less = static_cast<std::chrono::milliseconds::rep>(static_cast<double>(time.count()) * share);
  return std::chrono::milliseconds{std::max<std::chrono::milliseconds::rep>(time.count() - less, 1)};
}

timeouts::time_point after(timeouts::time_point from, std::chrono::milliseconds time) noexcept {
  return time.count() == 0 ? timeouts::time_point::max() : net::deadline_after(from, time);
}

} // namespace

timeouts::timeouts(const route_options& options, time_point now, double share) noexcept
    : max_lifetime_{shortened(options.max_lifetime, options.max_lifetime_jitter * share)},
      idle_timeout_{stored(options.idle_timeout)}, ping_interval_{stored(options.ping_interval)},
      close_timeout_{stored(options.close_timeout)}, expires_{time_point::max()}, alive_{now}, progress_{now} {}

void timeouts::opened(time_point now) noexcept {
  expires_ = after(now, max_lifetime_);
  alive_ = now;
  progress_ = now;
}

void timeouts::closing(time_point now) noexcept {
  progress_ = now;
  acknowledged_ = unknown;
}

// A peer that says nothing is asked in time to answer before `idle_timeout`.
std::chrono::milliseconds timeouts::ping_interval() const noexcept {
  const auto half = std::max<std::uint32_t>(idle_timeout_ / 2, idle_timeout_ > 0 ? 1 : 0);
  return std::chrono::milliseconds{half == 0 ? ping_interval_ : ping_interval_ == 0 ? half : std::min(half, ping_interval_)};
}

timeouts::time_point timeouts::due(stage at) const noexcept {
  switch (at) {
    case stage::opening: return expires_;
    case stage::open:
      return std::min({expires_, after(alive_, std::chrono::milliseconds{idle_timeout_}), after(progress_, ping_interval())});
    case stage::closing: {
      // What the peer acknowledges is compared at two moments at least before the time is over.
      const std::chrono::milliseconds timeout{close_timeout_};
      return after(progress_,
                   acknowledged_ == unknown ? std::max(timeout / 2, std::min(timeout, std::chrono::milliseconds{1})) : timeout);
    }
  }
  return time_point::max();
}

timeouts::verdict timeouts::check(stage at, time_point now, const net::socket_state& socket, reading reads) noexcept {
  if (at == stage::opening)
    return now >= expires_ ? verdict::opening_timed_out : verdict::goes_on;
  if (at == stage::open)
    return check_open(now, socket, reads);
  const auto acknowledged = taken_ - std::min<std::uint64_t>(taken_, socket.unsent);
  if (std::exchange(acknowledged_, acknowledged) < acknowledged)
    progress_ = now;
  return now >= due(stage::closing) ? verdict::close_timed_out : verdict::goes_on;
}

timeouts::verdict timeouts::check_open(time_point now, const net::socket_state& socket, reading reads) noexcept {
  if (now >= expires_)
    return verdict::too_old;
  const auto acknowledged = taken_ - std::min<std::uint64_t>(taken_, socket.unsent);
  if (acknowledged > acknowledged_) {
    acknowledged_ = acknowledged;
    alive_ = std::max(alive_, socket.unsent == 0 ? progress_ : now);
  }
  // A pong cannot be seen then, but that the ping arrived.
  if (reads == reading::off && (socket.unsent == 0 || socket.unread > unread_))
    alive_ = now;
  unread_ = socket.unread;
  if (now >= after(alive_, std::chrono::milliseconds{idle_timeout_}))
    return verdict::idle;
  if (now < after(progress_, ping_interval()))
    return verdict::goes_on;
  progress_ = now;
  return verdict::send_ping;
}

} // namespace harpia::websocket
