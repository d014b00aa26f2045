// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "worker.hpp"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <utility>

namespace load {

namespace {

// Fewer than any server's backlog of connections.
constexpr std::size_t most_on_their_way = 64;

} // namespace

worker::worker(const client_settings& settings, connection_events& events)
    : settings_(settings), events_(events), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (poll_.get() < 0)
    throw system_failure("epoll_create1");
}

void worker::open(std::size_t index) {
  if (clients_.size() <= index)
    clients_.resize(index + 1);
  clients_[index].reset(); // its descriptor becomes free first
  clients_[index] = std::make_unique<connection>(index, settings_, events_, buffers_);
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = clients_[index].get()}};
  if (::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, clients_[index]->descriptor(), &event) != 0)
    throw system_failure("epoll_ctl");
}

void worker::open_all(std::size_t count) {
  const auto deadline = now() + patience + static_cast<std::int64_t>(count) * 5'000'000;
  const auto goal = opened_ + count;
  for (auto next = opened_; opened_ < goal;) {
    while (next < goal && next - opened_ < most_on_their_way)
      open(next++);
    turn(std::chrono::milliseconds{100});
    if (now() > deadline)
      throw std::runtime_error{
          "only " + std::to_string(opened_) + " of " + std::to_string(goal) + " clients could connect in time"};
  }
}

void worker::turn(nanoseconds timeout) {
  std::array<epoll_event, 512> events;
  const timespec limit{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
  const int ready = ::epoll_pwait2(poll_.get(), events.data(), static_cast<int>(events.size()), &limit, nullptr);
  if (ready < 0 && errno != EINTR)
    throw system_failure("epoll_pwait2");
  for (int i = 0; i < ready; ++i) {
    auto& client = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    const auto before = client.now();
    client.on_ready();
    if (before == connection::phase::upgrading && client.now() != before)
      ++opened_;
    if (before != client.now() && client.now() == connection::phase::closed)
      closed_.push_back(client.index());
  }
}

} // namespace load
