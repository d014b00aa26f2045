// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "app/stop_signals.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace harpia::inline v0::detail {

namespace {

constexpr std::size_t most = 64;

/// A descriptor of a listener. It is never closed: a handler on another thread may still be writing to it.
struct listening_place {
  std::atomic<int> fd = -1;
  std::atomic<bool> is_taken = false;
};

std::mutex mutex; // guards the handlers of the system, and who takes a place
std::array<listening_place, most> places;
struct sigaction interrupt_before;
struct sigaction terminate_before;

void on_signal(int) {
  const int saved = errno;
  constexpr std::uint64_t one = 1;
  for (const auto& each : places)
    if (each.is_taken.load(std::memory_order_acquire))
      static_cast<void>(!::write(each.fd.load(std::memory_order_relaxed), &one, sizeof one));
  errno = saved;
}

void install() {
  struct sigaction handler {};
  handler.sa_handler = on_signal;
  handler.sa_flags = SA_RESTART;
  sigemptyset(&handler.sa_mask);
  ::sigaction(SIGINT, &handler, &interrupt_before);
  ::sigaction(SIGTERM, &handler, &terminate_before);
}

void uninstall() noexcept {
  ::sigaction(SIGINT, &interrupt_before, nullptr);
  ::sigaction(SIGTERM, &terminate_before, nullptr);
}

bool is_free(const listening_place& one) noexcept {
  return !one.is_taken.load(std::memory_order_relaxed);
}

} // namespace

stop_signals::stop_signals() {
  const std::scoped_lock lock{mutex};
  const auto found = std::ranges::find_if(places, is_free);
  if (found == places.end())
    throw std::system_error{EMFILE, std::system_category(), "too many apps stop on signals"};
  if (found->fd.load(std::memory_order_relaxed) == -1) {
    const int made = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (made == -1)
      throw std::system_error{errno, std::system_category(), "eventfd"};
    found->fd.store(made, std::memory_order_relaxed);
  }
  std::uint64_t stale = 0; // of an earlier listener
  static_cast<void>(!::read(found->fd.load(std::memory_order_relaxed), &stale, sizeof stale));
  const bool is_first = std::ranges::all_of(places, is_free);
  found->is_taken.store(true, std::memory_order_release);
  place_ = static_cast<std::size_t>(found - places.begin());
  if (is_first)
    install();
}

stop_signals::~stop_signals() {
  const std::scoped_lock lock{mutex};
  places[place_].is_taken.store(false, std::memory_order_release);
  if (std::ranges::all_of(places, is_free))
    uninstall();
}

int stop_signals::fd() const noexcept {
  return places[place_].fd.load(std::memory_order_relaxed);
}

} // namespace harpia::inline v0::detail
