// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "drips.hpp"

#include <algorithm>
#include <thread>

namespace load {

namespace {

constexpr std::int64_t between_bytes = 500'000'000; // ns, of each socket
// Servers accept faster, so that no backlog overflows.
constexpr std::chrono::microseconds between_connects{400};

} // namespace

drips::drips(const client_settings& settings, std::size_t count, const measured_window& window)
    : server_(settings.server), request_(upgrade_request(settings.server, settings.path, settings.extension)), sockets_(count),
      window_(window), interval_(between_bytes / static_cast<std::int64_t>(count)) {
  for (auto& each : sockets_) {
    open(each);
    std::this_thread::sleep_for(between_connects);
  }
  due_ = now();
}

// One at a time, however late: honest clients wait for no more than that.
nanoseconds drips::turn(nanoseconds lateness) {
  const auto time = now() - lateness.count();
  if (time >= due_) {
    auto& each = sockets_[next_];
    const bool is_in_place = proceed(each);
    if (!is_in_place)
      open(each);
    if (window_.holds(now())) {
      ++looks_;
      in_place_ += is_in_place;
    }
    next_ = (next_ + 1) % sockets_.size();
    due_ += interval_;
  }
  return nanoseconds{std::max<std::int64_t>(0, due_ - time)};
}

std::uint64_t drips::mean_in_place() const {
  return looks_ == 0 ? 0 : (sockets_.size() * in_place_ + looks_ / 2) / looks_;
}

void drips::open(drip& each) {
  each.stream.reset(); // its descriptor becomes free first
  each = {connect_plain(server_, source_address::rotating)};
}

bool drips::proceed(drip& each) {
  char answer;
  if (each.stream->read(&answer, 1).status != io_status::would_block)
    return false;
  if (each.sent == request_.size())
    return true; // the answer is on its way
  if (each.stream->write(&request_[each.sent], 1).status != io_status::ok)
    return false;
  ++each.sent;
  return true;
}

} // namespace load
