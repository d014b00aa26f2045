// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/timeouts.hpp"

#include "net/deadline.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace harpia::inline v0::websocket {

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
    : max_lifetime_{stored(shortened(options.max_lifetime, options.max_lifetime_jitter * share))},
      idle_timeout_{stored(options.idle_timeout)}, ping_interval_{stored(options.ping_interval)},
      close_timeout_{stored(options.close_timeout)}, expires_{time_point::max()}, alive_{now}, progress_{now} {}

void timeouts::opened(time_point now) noexcept {
  expires_ = after(now, std::chrono::milliseconds{max_lifetime_});
  alive_ = now;
  progress_ = now;
}

void timeouts::closing(time_point now) noexcept {
  progress_ = std::max(progress_, now);
  acknowledged_ = unknown;
  expires_ = time_point::max();
}

void timeouts::flushing(time_point now, std::size_t bytes) noexcept {
  closing(now);
  constexpr auto most = static_cast<std::uint32_t>(longest_flush.count());
  close_timeout_ = close_timeout_ == 0 ? most : std::min(close_timeout_, most);
  expires_ = progress_ + std::chrono::milliseconds{close_timeout_} + std::chrono::seconds{bytes / min_rate};
}

// A peer that says nothing is asked in time to answer before `idle_timeout`.
std::chrono::milliseconds timeouts::ping_interval() const noexcept {
  const auto half = std::max<std::uint32_t>(idle_timeout_ / 2, idle_timeout_ > 0 ? 1 : 0);
  return std::chrono::milliseconds{half == 0 ? ping_interval_ : ping_interval_ == 0 ? half : std::min(half, ping_interval_)};
}

// A peer that has not been asked is not given up, however late the check is.
timeouts::time_point timeouts::idle_at() const noexcept {
  if (idle_timeout_ == 0)
    return time_point::max();
  const std::chrono::milliseconds timeout{idle_timeout_};
  return asked_ > alive_ ? std::max(alive_ + timeout, asked_ + timeout / 2) : alive_ + timeout;
}

timeouts::time_point timeouts::due(stage at) const noexcept {
  switch (at) {
    case stage::opening: return expires_;
    case stage::open: return std::min({expires_, idle_at(), after(progress_, ping_interval())});
    case stage::closing: {
      const std::chrono::milliseconds timeout{close_timeout_};
      const auto next =
          acknowledged_ == unknown ? std::max(timeout / 2, std::min(timeout, std::chrono::milliseconds{1})) : timeout;
      return std::min(expires_, after(progress_, next));
    }
  }
  return time_point::max();
}

// What a closing peer acknowledges is compared with the last look. Returns false at the first one.
bool timeouts::observe(time_point now, const net::socket_state& socket) noexcept {
  const auto acknowledged = taken_ - std::min<std::uint64_t>(taken_, socket.unsent);
  const auto before = std::exchange(acknowledged_, acknowledged);
  if (before != unknown && before < acknowledged)
    progress_ = std::max(progress_, now);
  return before != unknown;
}

bool timeouts::is_stuck(std::chrono::milliseconds time, time_point now, const net::socket_state& socket) noexcept {
  return observe(now, socket) && progress_ <= now - time;
}

timeouts::verdict timeouts::check(stage at, time_point now, const net::socket_state& socket, reading reads) noexcept {
  if (at == stage::opening)
    return now >= expires_ ? verdict::opening_timed_out : verdict::goes_on;
  if (at == stage::open)
    return check_open(now, socket, reads);
  const bool is_known = observe(now, socket);
  return is_known && now >= due(stage::closing) ? verdict::close_timed_out : verdict::goes_on;
}

timeouts::verdict timeouts::check_open(time_point now, const net::socket_state& socket, reading reads) noexcept {
  if (now >= expires_)
    return verdict::too_old;
  const auto acknowledged = taken_ - std::min<std::uint64_t>(taken_, socket.unsent);
  if (acknowledged > acknowledged_) {
    acknowledged_ = acknowledged;
    alive_ = std::max(alive_, socket.unsent == 0 ? progress_ : now);
  }
  // While nothing is read, a pong cannot be seen, but that the ping arrived; and what the peer sends, until the kernel takes no more.
  const auto unread = static_cast<std::uint32_t>(std::min<std::size_t>(socket.unread, std::numeric_limits<std::uint32_t>::max()));
  const bool has_sent = reads == reading::on ? socket.unread > 0 : unread > unread_;
  if (has_sent || (reads == reading::off && socket.unsent == 0))
    alive_ = now;
  unread_ = unread;
  if (now >= idle_at() && asked_ > alive_)
    return verdict::idle;
  if (now < after(progress_, ping_interval()) && now < idle_at())
    return verdict::goes_on;
  progress_ = now;
  if (asked_ <= alive_)
    asked_ = now;
  return verdict::send_ping;
}

} // namespace harpia::inline v0::websocket
