// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/app_system.hpp"

#include "caf_port/app_scheduler.hpp"

#include <caf/logger.hpp>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

using namespace std::chrono_literals;

// How long a system may take from the end of its threads on, without any work left but to wait for references to its logger.
constexpr auto longest_end = 1s;

} // namespace

app_system::app_system(const std::function<void(caf::actor_system_config&)>& configure) {
  config_.load<app_scheduler>();
  configure(config_);
  system_ = std::make_unique<caf::actor_system>(config_);
  system_->await_actors_before_shutdown(false);   // actors that handlers spawned must not block the app's end
  caf::logger::set_current_actor_system(nullptr); // this thread may live longer than the system
}

void app_system::end(std::unique_ptr<app_system> owned, const std::shared_ptr<const logger>& log) {
  caf::logger::set_current_actor_system(nullptr);
  const std::shared_ptr<app_system> whole = std::move(owned);
  std::promise<void> ended;
  const auto end = ended.get_future();
  std::thread ending{[whole, ended = std::move(ended)]() mutable {
    whole->system_.reset();
    ended.set_value();
  }};
  std::chrono::milliseconds left = longest_end;
  constexpr auto step = 50ms;
  while (end.wait_for(step) == std::future_status::timeout) {
    if (whole->config_.scheduler_has_stopped.load())
      left -= step;
    if (left.count() > 0)
      continue;
    log->write({.level = log_level::warning,
                .event = "internal_error",
                .what = "a thread that spawned an actor in the app's system lives on, which keeps a part of the system alive"});
    return ending.detach();
  }
  ending.join();
}

} // namespace harpia::inline v0::detail
