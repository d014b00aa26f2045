// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/connector.hpp"

#include "net/socket_address.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/tcp.h>
#include <system_error>
#include <utility>

namespace harpia::net {

namespace {

std::error_code pending_error(int socket) noexcept {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
    return last_error();
  return {code, std::system_category()};
}

// Whether the socket is connected to itself. If no process listens on a local port, the kernel may choose that port as the source
// port; TCP's simultaneous open then connects the socket to itself (RFC 9293, 3.5).
bool met_itself(int socket) noexcept {
  socket_address here;
  socket_address there;
  return ::getsockname(socket, here.get(), &here.size) == 0 && ::getpeername(socket, there.get(), &there.size) == 0
         && here.size == there.size && std::memcmp(&here.storage, &there.storage, here.size) == 0;
}

} // namespace

address_list::address_list() = default;
address_list::address_list(std::vector<socket_address> addresses) : addresses_{std::move(addresses)} {}
address_list::address_list(const address_list&) = default;
address_list::address_list(address_list&&) noexcept = default;
address_list& address_list::operator=(const address_list&) = default;
address_list& address_list::operator=(address_list&&) noexcept = default;
address_list::~address_list() = default;

std::size_t address_list::size() const noexcept {
  return addresses_.size();
}

const socket_address& address_list::operator[](std::size_t index) const noexcept {
  return addresses_[index];
}

void address_list::append(const address_list& more) {
  addresses_.insert(addresses_.end(), more.addresses_.begin(), more.addresses_.end());
}

resolve_result resolve(const std::string& host, std::uint16_t port, host_kind kind) {
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICSERV | (kind == host_kind::address ? AI_NUMERICHOST : 0);
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
    return resolver_error(code);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> candidates{found, &::freeaddrinfo};
  std::vector<socket_address> addresses;
  for (const auto* each = found; each; each = each->ai_next) {
    auto& address = addresses.emplace_back();
    address.size = std::min<socklen_t>(each->ai_addrlen, sizeof address.storage);
    std::memcpy(&address.storage, each->ai_addr, address.size);
  }
  return address_list{std::move(addresses)};
}

connector::connector(event_loop& loop, address_list addresses, event_loop::clock::time_point deadline,
                     std::function<void(connect_result)> done)
    : loop_{&loop}, addresses_{std::move(addresses)}, deadline_{deadline}, done_{std::move(done)},
      last_error_{std::make_error_code(std::errc::address_not_available)} {}

connector::~connector() {
  abandon_address({});
}

void connector::start() {
  try_next();
}

void connector::try_next() {
  while (next_ < addresses_.size()) {
    const auto left = static_cast<int>(addresses_.size() - next_);
    if (open(addresses_[next_++])) {
      const auto now = loop_->current_time();
      loop_->timers().schedule(*this, now + (deadline_ - now) / left);
      return;
    }
  }
  finish(last_error_);
}

/// @return whether an event will report the result
bool connector::open(const socket_address& address) {
  unique_fd socket{::socket(address.storage.ss_family, socket_flags, 0)};
  if (!socket) {
    last_error_ = last_error();
    return false;
  }
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1); // the event loop gathers writes itself
  if (::connect(socket.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    last_error_ = last_error();
    return false;
  }
  try {
    loop_->add(socket.get(), *this, interest::writable);
  } catch (const std::system_error& refused) {
    last_error_ = refused.code();
    return false;
  }
  socket_ = std::move(socket);
  return true;
}

void connector::on_io(interest) {
  if (const auto failure = pending_error(socket_.get())) {
    abandon_address(failure);
    return try_next();
  }
  if (met_itself(socket_.get())) {
    abandon_address(std::make_error_code(std::errc::connection_refused));
    return try_next();
  }
  loop_->remove(socket_.get());
  loop_->timers().cancel(*this);
  finish(connected{std::move(socket_), host_of(addresses_[next_ - 1])});
}

void connector::on_timer() {
  abandon_address(std::make_error_code(std::errc::timed_out));
  if (loop_->now() >= deadline_)
    return finish(last_error_);
  try_next();
}

void connector::abandon_address(std::error_code why) noexcept {
  loop_->timers().cancel(*this);
  if (!socket_)
    return;
  loop_->remove(socket_.get());
  socket_.reset();
  last_error_ = why;
}

void connector::finish(connect_result result) {
  const auto done = std::exchange(done_, nullptr); // the call may destroy *this
  done(std::move(result));
}

} // namespace harpia::net
