// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "system_faults.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <random>
#include <span>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>
#ifdef HARPIA_HAS_IO_URING
#include <liburing.h>
#endif

namespace harpia::test::system_faults {

namespace {

enum class mode : std::uint8_t { off, nth, random };

// Atomics, as every thread of the process passes here; relaxed, as nothing else is read by them.
std::atomic<mode> armed = mode::off;
std::atomic<bool> paused = false;
std::atomic<std::uint64_t> calls = 0;
std::atomic<std::uint64_t> failures = 0;
std::atomic<std::uint64_t> target = 0;
std::atomic<std::uint64_t> chosen_variant = 0;
std::atomic<std::uint64_t> chosen_seed = 0;
std::atomic<std::uint32_t> chance = 0;
std::atomic<const char*> last_call = nullptr;
std::atomic<int> last_errno = 0;

thread_local bool is_spared = false;

std::uint64_t mix(std::uint64_t number) noexcept { // splitmix64
  number += 0x9e3779b97f4a7c15;
  number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
  number = (number ^ number >> 27) * 0x94d049bb133111eb;
  return number ^ number >> 31;
}

void arm(mode how) noexcept {
  calls = 0;
  failures = 0;
  last_call = nullptr;
  paused = false;
  armed = how;
}

/// 0, or how this call is to fail.
int fault_of(const char* name, std::span<const int> ways) noexcept {
  const auto how = armed.load(std::memory_order_relaxed);
  if (how == mode::off || is_spared || paused.load(std::memory_order_relaxed))
    return 0;
  const auto number = ++calls;
  std::uint64_t choice = 0;
  if (how == mode::nth) {
    if (number != target)
      return 0;
    choice = number + chosen_variant;
  } else {
    const auto drawn = mix(chosen_seed ^ mix(number));
    if (drawn % chance != 0)
      return 0;
    choice = drawn / chance;
  }
  last_errno = ways[choice % ways.size()];
  last_call = name;
  ++failures;
  return last_errno;
}

/// What the C library, or a sanitizer before it, has under that name.
template <class Function>
Function* next(const char* name) noexcept {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

void fail_call(std::uint64_t n, std::uint64_t variant) {
  target = n;
  chosen_variant = variant;
  arm(mode::nth);
}

void fail_randomly(std::uint64_t seed, std::uint32_t one_in) {
  chosen_seed = seed;
  chance = one_in;
  arm(mode::random);
}

void pause() noexcept {
  paused = true;
}

void resume() noexcept {
  paused = false;
}

void disarm() noexcept {
  armed = mode::off;
}

std::uint64_t counted() noexcept {
  return calls;
}

std::uint64_t failed() noexcept {
  return failures;
}

std::string last() {
  const auto* name = last_call.load();
  return name ? std::string{name} + ", " + std::strerror(last_errno) : std::string{};
}

spared::spared() noexcept : before_{std::exchange(is_spared, true)} {}

spared::~spared() {
  is_spared = before_;
}

void spare_this_thread() noexcept {
  is_spared = true;
}

not_spared::not_spared() noexcept : before_{std::exchange(is_spared, false)} {}

not_spared::~not_spared() {
  is_spared = before_;
}

} // namespace harpia::test::system_faults

// Each is declared as in its header, and called in place of the C library's by everything in this process.

namespace {

namespace faults = harpia::test::system_faults;

/// Fails as the C library does, or calls `name`.
template <class Function, class... Arguments>
auto fail_or_call(const char* name, std::span<const int> ways, Function* function, Arguments... arguments) {
  using answer = decltype(function(arguments...));
  if (const int fault = faults::fault_of(name, ways)) {
    errno = fault;
    return answer{-1};
  }
  return function(arguments...);
}

constexpr std::array no_descriptor{EMFILE, ENFILE, ENOMEM};
constexpr std::array no_socket{EMFILE, ENOBUFS, ENOMEM};
constexpr std::array accept_ways{EMFILE, ECONNABORTED, ENOBUFS, EINTR, ENOMEM, EPROTO};
constexpr std::array receive_ways{ECONNRESET, EINTR, ETIMEDOUT, EAGAIN, ENOMEM};
constexpr std::array send_ways{EPIPE, ENOBUFS, EINTR, ECONNRESET, EAGAIN, ENOMEM};
constexpr std::array connect_ways{ECONNREFUSED, EADDRNOTAVAIL, ENETUNREACH, EAGAIN};
constexpr std::array watch_ways{ENOMEM, ENOSPC};
constexpr std::array wait_ways{EINTR};
constexpr std::array poll_ways{EINTR, ENOMEM};
constexpr std::array shutdown_ways{ENOTCONN};
constexpr std::array option_ways{ENOBUFS, EINVAL};
constexpr std::array bind_ways{EADDRINUSE, EACCES};
constexpr std::array listen_ways{EADDRINUSE};
constexpr std::array thread_ways{EAGAIN};
#ifdef HARPIA_HAS_IO_URING
constexpr std::array ring_ways{ENOMEM, EPERM, ENOSYS};
constexpr std::array submit_ways{EAGAIN, EBUSY, EINTR, ENOMEM};
#endif

} // namespace

extern "C" {

int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
  static auto* const real = faults::next<decltype(accept4)>("accept4");
  return fail_or_call("accept4", accept_ways, real, socket, address, size, flags);
}

ssize_t recv(int socket, void* target, size_t size, int flags) {
  static auto* const real = faults::next<decltype(recv)>("recv");
  return fail_or_call("recv", receive_ways, real, socket, target, size, flags);
}

ssize_t send(int socket, const void* source, size_t size, int flags) {
  static auto* const real = faults::next<decltype(send)>("send");
  return fail_or_call("send", send_ways, real, socket, source, size, flags);
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  static auto* const real = faults::next<decltype(sendmsg)>("sendmsg");
  return fail_or_call("sendmsg", send_ways, real, socket, message, flags);
}

int epoll_create1(int flags) noexcept {
  static auto* const real = faults::next<decltype(epoll_create1)>("epoll_create1");
  return fail_or_call("epoll_create1", no_descriptor, real, flags);
}

int epoll_ctl(int set, int operation, int descriptor, epoll_event* event) noexcept {
  static auto* const real = faults::next<decltype(epoll_ctl)>("epoll_ctl");
  if (operation == EPOLL_CTL_DEL)
    return real(set, operation, descriptor, event);
  return fail_or_call(operation == EPOLL_CTL_ADD ? "epoll_ctl(ADD)" : "epoll_ctl(MOD)", watch_ways, real, set, operation,
                      descriptor, event);
}

int epoll_wait(int set, epoll_event* events, int size, int timeout) {
  static auto* const real = faults::next<decltype(epoll_wait)>("epoll_wait");
  return fail_or_call("epoll_wait", wait_ways, real, set, events, size, timeout);
}

int poll(pollfd* descriptors, nfds_t size, int timeout) {
  static auto* const real = faults::next<decltype(poll)>("poll");
  return fail_or_call("poll", poll_ways, real, descriptors, size, timeout);
}

int eventfd(unsigned value, int flags) noexcept {
  static auto* const real = faults::next<decltype(eventfd)>("eventfd");
  return fail_or_call("eventfd", no_descriptor, real, value, flags);
}

int socket(int domain, int type, int protocol) noexcept {
  static auto* const real = faults::next<decltype(socket)>("socket");
  return fail_or_call("socket", no_socket, real, domain, type, protocol);
}

int connect(int socket, const sockaddr* address, socklen_t size) {
  static auto* const real = faults::next<decltype(connect)>("connect");
  return fail_or_call("connect", connect_ways, real, socket, address, size);
}

int bind(int socket, const sockaddr* address, socklen_t size) noexcept {
  static auto* const real = faults::next<decltype(bind)>("bind");
  return fail_or_call("bind", bind_ways, real, socket, address, size);
}

int listen(int socket, int backlog) noexcept {
  static auto* const real = faults::next<decltype(listen)>("listen");
  return fail_or_call("listen", listen_ways, real, socket, backlog);
}

int shutdown(int socket, int how) noexcept {
  static auto* const real = faults::next<decltype(shutdown)>("shutdown");
  return fail_or_call("shutdown", shutdown_ways, real, socket, how);
}

int setsockopt(int socket, int level, int name, const void* value, socklen_t size) noexcept {
  static auto* const real = faults::next<decltype(setsockopt)>("setsockopt");
  return fail_or_call("setsockopt", option_ways, real, socket, level, name, value, size);
}

// These answer with the number instead of setting `errno`.

int pthread_create(pthread_t* made, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) noexcept {
  static auto* const real = faults::next<decltype(pthread_create)>("pthread_create");
  const int fault = faults::fault_of("pthread_create", thread_ways);
  return fault != 0 ? fault : real(made, attributes, run, argument);
}

#ifdef HARPIA_HAS_IO_URING
int io_uring_queue_init(unsigned entries, io_uring* ring, unsigned flags) {
  static auto* const real = faults::next<decltype(io_uring_queue_init)>("io_uring_queue_init");
  const int fault = faults::fault_of("io_uring_queue_init", ring_ways);
  return fault != 0 ? -fault : real(entries, ring, flags);
}

int io_uring_submit_and_wait(io_uring* ring, unsigned count) {
  static auto* const real = faults::next<decltype(io_uring_submit_and_wait)>("io_uring_submit_and_wait");
  const int fault = faults::fault_of("io_uring_submit_and_wait", submit_ways);
  return fault != 0 ? -fault : real(ring, count);
}
#endif
}
