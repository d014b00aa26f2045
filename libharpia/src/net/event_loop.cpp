// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace harpia::inline v0::net {

namespace {

unique_fd checked(int descriptor, const char* what) {
  if (descriptor < 0)
    throw std::system_error{errno, std::system_category(), what};
  return unique_fd{descriptor};
}

std::uint32_t events_of(interest wanted) noexcept {
  std::uint32_t events = 0;
  if (wants(wanted, interest::readable))
    events |= EPOLLIN | EPOLLRDHUP;
  if (wants(wanted, interest::writable))
    events |= EPOLLOUT;
  return events;
}

interest interest_of(std::uint32_t events) noexcept {
  auto ready = interest::none;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0)
    ready = ready | interest::readable;
  if ((events & EPOLLOUT) != 0)
    ready = ready | interest::writable;
  return ready;
}

} // namespace

event_loop::event_loop(clock::time_point start)
    : epoll_{checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")},
      wake_up_{checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")}, now_{start}, read_buffer_(read_buffer_size) {
  make_room_for_owner(wake_up_.get()); // it has no owner
  epoll_event event{.events = EPOLLIN, .data = {.fd = wake_up_.get()}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_up_.get(), &event) != 0)
    throw std::system_error{errno, std::system_category(), "epoll_ctl"};
}

event_loop::~event_loop() {
  clear();
}

void event_loop::clear() noexcept {
  // Discarded work may post more work and add background tasks.
  local_.insert(local_.begin(), running_.begin() + static_cast<std::ptrdiff_t>(std::exchange(ran_, 0)), running_.end());
  running_.clear();
  while (background_tasks_ || !local_.empty() || take_posted()) {
    while (background_tasks_)
      destroy(*background_tasks_);
    const auto discarded = std::exchange(local_, {});
    for (const auto& work : discarded)
      work.invoke(work.state, task::disposition::discarded);
  }
}

void event_loop::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  in_run_ = true;
  std::array<epoll_event, 256> ready{};
  io_ = io_batch::make();
  while (!is_over()) {
    wait(ready);
    serve(batch_);
    finish_turn();
    if (io_ && !io_->works())
      io_.reset();
  }
  run_posted();
  io_.reset();
  in_run_ = false;
  thread_.store({}, std::memory_order_relaxed);
}

void event_loop::turn(clock::time_point now) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  now_ = now;
  finish_turn();
  thread_.store({}, std::memory_order_relaxed);
}

void event_loop::step(clock::time_point now) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  now_ = now;
  timers_.advance(now_);
  begin_round();
  if (ran_ < running_.size()) {
    run_next();
  } else {
    running_.clear();
    ran_ = 0;
    flush();
  }
  thread_.store({}, std::memory_order_relaxed);
}

void event_loop::finish_turn() {
  timers_.advance(now_);
  // Work may post more work, and a flush may make room to send. Repeat until nothing is left; the bound keeps sockets from starving.
  for (int round = 0; round < max_rounds && has_work(); ++round) {
    run_posted();
    flush();
  }
}

void event_loop::stop(clock::time_point stop_deadline) {
  stop_deadline_.store(stop_deadline, std::memory_order_relaxed);
  stopping_.store(true, std::memory_order_release);
  post([] {}); // wakes it up
}

bool event_loop::is_over() const noexcept {
  if (!stopping_.load(std::memory_order_acquire))
    return false;
  if (now_ < stop_deadline_.load(std::memory_order_relaxed))
    for (const auto* each = background_tasks_; each; each = each->next_)
      if (each->delays_stop())
        return false;
  return true;
}

void event_loop::post(task work) {
  if (is_this_thread()) {
    local_.push_back(work);
    return;
  }
  const std::scoped_lock lock{mutex_};
  remote_.push_back(work);
  has_remote_.store(true, std::memory_order_relaxed);
  if (std::exchange(sleeping_, false)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_up_.get(), &one, sizeof one); // fails only if the loop is awake
  }
}

void event_loop::wait(std::span<epoll_event> ready) {
  auto limit = timeout();
  if (limit != 0) {
    const std::scoped_lock lock{mutex_};
    sleeping_ = remote_.empty();
    if (!sleeping_)
      limit = 0;
  }
  const auto count = epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), limit);
  now_ = clock::now();
  if (limit != 0) {
    const std::scoped_lock lock{mutex_};
    sleeping_ = false;
  }
  batch_ = ready.first(count > 0 ? static_cast<std::size_t>(count) : 0);
}

int event_loop::timeout() const {
  if (is_over() || has_work())
    return 0;
  auto next = timers_.next();
  if (stopping_.load(std::memory_order_relaxed))
    next = std::min(next.value_or(clock::time_point::max()), stop_deadline_.load(std::memory_order_relaxed));
  if (!next)
    return -1;
  const auto now = clock::now();
  if (*next <= now) // it may be the smallest time there is, from which nothing can be subtracted
    return 0;
  // Round up: a wait that ends early would only cause another one.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now).count();
  return static_cast<int>(std::min<std::chrono::milliseconds::rep>(left, std::numeric_limits<int>::max()));
}

void event_loop::serve(std::span<epoll_event> ready) {
  while (!ready.empty()) {
    const auto served = read_together(ready);
    batch_ = ready.subspan(std::max<std::size_t>(served, 1));
    if (served == 0)
      serve_one(ready.front());
    if (std::exchange(flush_soon_, false))
      flush();
    ready = batch_;
  }
}

void event_loop::serve_one(epoll_event& event) {
  if (event.data.fd < 0)
    return;
  if (auto* owner = owner_of(event.data.fd)) {
    owner->on_io(interest_of(event.events));
  } else if (event.data.fd == wake_up_.get()) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = ::read(wake_up_.get(), &count, sizeof count);
  }
}

// Reads as many sockets at the front of `ready` as possible with one system call. Returns the number of events served: 0 if a batch
// would not pay.
std::size_t event_loop::read_together(std::span<epoll_event> ready) {
  if (!io_ || !io_->works() || ready.size() < worth_a_batch)
    return 0;
  constexpr auto part = read_part_size;
  std::array<int, read_together_size> sockets;
  std::size_t count = 0;
  for (const auto most = std::min(ready.size(), sockets.size()); count < most; ++count) {
    const auto descriptor = ready[count].data.fd;
    const auto* owner = descriptor < 0 ? nullptr : owner_of(descriptor);
    const auto socket = owner && interest_of(ready[count].events) == interest::readable ? owner->readable_socket() : -1;
    if (socket < 0)
      break;
    sockets[count] = socket;
  }
  if (count < worth_a_batch)
    return 0;
  for (std::size_t i = 0; i < count; ++i)
    io_->read(sockets[i], read_buffer().subspan(i * part, part));
  const auto results = io_->run();
  for (std::size_t i = 0; i < count; ++i) {
    batch_ = ready.subspan(i + 1); // an owner that is removed meanwhile gets no event
    if (const auto descriptor = ready[i].data.fd; descriptor >= 0)
      owner_of(descriptor)->on_read(results[i], read_buffer().subspan(i * part, part));
  }
  return count;
}

bool event_loop::take_posted() {
  if (!has_remote_.load(std::memory_order_relaxed))
    return false;
  const std::scoped_lock lock{mutex_};
  has_remote_.store(false, std::memory_order_relaxed);
  local_.insert(local_.end(), remote_.begin(), remote_.end());
  remote_.clear();
  return !local_.empty();
}

bool event_loop::has_work() const noexcept {
  return !running_.empty() || !local_.empty() || !dirty_.empty() || has_remote_.load(std::memory_order_relaxed);
}

// A round runs the work that is queued when it begins. Work posted by it runs in the next round.
void event_loop::begin_round() {
  if (!running_.empty())
    return;
  take_posted();
  running_.swap(local_);
}

void event_loop::run_next() {
  const auto work = running_[ran_++];
  work.invoke(work.state, task::disposition::run);
}

void event_loop::run_posted() {
  begin_round();
  while (ran_ < running_.size())
    run_next();
  running_.clear();
  ran_ = 0;
}

void event_loop::flush() {
  // Messages that a drain handler sends are flushed in the next round.
  const auto count = dirty_.size();
  write_together(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (auto* next = dirty_[i]) {
      next->awaits_flush_ = false;
      next->on_flush();
    }
  }
  dirty_.erase(dirty_.begin(), dirty_.begin() + static_cast<std::ptrdiff_t>(count));
}

// Batches the writes of the first `count` entries of `dirty_`. No other code runs meanwhile, so the added buffers stay valid.
void event_loop::write_together(std::size_t count) {
  if (!io_ || !io_->works() || count < worth_a_batch)
    return;
  std::array<std::size_t, io_batch::capacity> writers; // indices of `dirty_`
  for (std::size_t i = 0; i < count;) {
    std::size_t added = 0;
    for (; i < count && !io_->full(); ++i)
      if (auto* next = dirty_[i]; next && next->add_to(*io_))
        writers[added++] = i;
    if (added == 0)
      continue;
    const auto results = io_->run();
    for (std::size_t k = 0; k < added; ++k)
      if (auto*& writer = dirty_[writers[k]]; writer->on_written(results[k]) == flushable::still_to_do::nothing)
        std::exchange(writer, nullptr)->awaits_flush_ = false;
    if (!io_->works())
      return;
  }
}

void event_loop::make_room_for_owner(int descriptor) {
  if (descriptor < 0)
    return; // epoll_ctl reports the error
  const auto page = static_cast<std::size_t>(descriptor) / owners_per_page;
  if (page >= owners_.size())
    owners_.resize(page + 1);
  if (!owners_[page])
    owners_[page] = std::make_unique<owner_page>();
}

void event_loop::add(int descriptor, io_handler& owner, interest wanted) {
  make_room_for_owner(descriptor);
  epoll_event event{.events = events_of(wanted), .data = {.fd = descriptor}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::system_error{errno, std::system_category(), "epoll_ctl"};
  owner_of(descriptor) = &owner;
}

void event_loop::modify(int descriptor, io_handler& owner, interest wanted) {
  epoll_event event{.events = events_of(wanted), .data = {.fd = descriptor}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event) != 0)
    throw std::system_error{errno, std::system_category(), "epoll_ctl"};
  owner_of(descriptor) = &owner;
}

void event_loop::remove(int descriptor) noexcept {
  epoll_event unused{};
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, &unused);
  const auto page = static_cast<std::size_t>(descriptor) / owners_per_page;
  if (page < owners_.size() && owners_[page]) // else it was never watched
    owner_of(descriptor) = nullptr;
  for (auto& event : batch_) // another socket may get the same number within the turn
    if (event.data.fd == descriptor)
      event.data.fd = -1;
}

void event_loop::forget(flushable& what) noexcept {
  if (std::exchange(what.awaits_flush_, false))
    std::replace(dirty_.begin(), dirty_.end(), &what, static_cast<flushable*>(nullptr));
}

void event_loop::enlist(background_task& owned) noexcept {
  owned.next_ = background_tasks_;
  if (background_tasks_)
    background_tasks_->previous_ = &owned;
  background_tasks_ = &owned;
}

void event_loop::destroy(background_task& owned) noexcept {
  (owned.previous_ ? owned.previous_->next_ : background_tasks_) = owned.next_;
  if (owned.next_)
    owned.next_->previous_ = owned.previous_;
  delete &owned;
}

} // namespace harpia::inline v0::net
