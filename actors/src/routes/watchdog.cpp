// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routes/watchdog.hpp"

#include "net/deadline.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::detail {

watchdog::watchdog(const std::vector<const running_handler*>& loops, std::shared_ptr<const route_set> routes,
                   std::chrono::milliseconds limit, std::atomic<std::uint64_t>& reports, const logger& log, worker_job workers)
    : routes_{std::move(routes)}, reports_{&reports}, log_{&log}, worker_job_{std::move(workers)},
      worker_pause_{net::at_most_longest(limit)}, workers_{net::at_most_longest(limit)} {
  const auto add = [this](const auto&, const auto& route) { patterns_.emplace(route.pattern.data(), route.pattern); };
  routes_->websockets.for_each(add);
  routes_->pages.for_each(add);
  limit = net::at_most_longest(limit);
  for (const auto* each : loops)
    loops_.push_back({each, slow_handler_detector{limit}, {}});
  thread_ = std::thread{[this, pause = std::max(limit / 4, std::chrono::milliseconds{1})] { run(pause); }};
}

watchdog::~watchdog() {
  {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void watchdog::run(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, pause, [this] { return stopped_; })) {
    for (auto& each : loops_)
      sample(each);
    sample_workers();
  }
}

void watchdog::sample(watched& loop) {
  const auto entered = loop.mark->current();
  const auto found = loop.detector.sample(entered ? entered->number : 0, slow_handler_detector::clock::now());
  if (!found)
    return;
  const bool still_running = found->what == slow_handler_detector::finding::kind::still_running;
  if (still_running)
    loop.name = name_of(*entered);
  log_->write({.level = log_level::warning, .event = "slow_handler", .what = describe(loop.name, *found)});
  if (still_running)
    ++*reports_; // after the log line, so that a reader of the count finds the line
}

void watchdog::sample_workers() {
  const auto now = slow_handler_detector::clock::now();
  const bool is_pending = worker_job_.is_pending();
  if (const auto found = workers_.sample(is_pending ? jobs_ : 0, now))
    log_->write({.level = log_level::warning, .event = "workers_blocked", .what = describe_workers(*found)});
  if (is_pending || now - last_job_ < worker_pause_)
    return;
  ++jobs_;
  last_job_ = now;
  worker_job_.submit();
}

std::string watchdog::name_of(const running_handler::entry& entered) const {
  const auto known = patterns_.find(entered.pattern);
  auto name = "the handler '" + std::string{entered.handler} + "' of ";
  if (entered.pattern == app_pattern)
    return "the app's '" + std::string{entered.handler} + "'";
  return known == patterns_.end() ? name + "a client" : name + "route '" + std::string{known->second} + "'";
}

std::string describe_workers(const slow_handler_detector::finding& found) {
  const auto duration = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(found.duration).count()) + " ms";
  return found.what == slow_handler_detector::finding::kind::still_running
             ? "CAF's worker threads have come to no further actor for " + duration
                   + ": each is blocked or busy. An actor that blocks is spawned with caf::detached"
             : "CAF's worker threads come to further actors again, after about " + duration;
}

std::string describe(std::string_view handler, const slow_handler_detector::finding& found) {
  const auto duration = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(found.duration).count()) + " ms";
  return found.what == slow_handler_detector::finding::kind::still_running
             ? std::string{handler} + " has been running for " + duration + " and has not returned: its event loop is blocked"
             : std::string{handler} + " has returned after about " + duration;
}

} // namespace harpia::inline v0::detail
