// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/connector.hpp"

#include "net/socket_address.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/tcp.h>
#include <system_error>
#include <utility>

namespace harpia::inline v0::net {

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

address_list address_list::interleaved() const {
  if (addresses_.empty())
    return {};
  std::vector<socket_address> first;
  std::vector<socket_address> other;
  for (const auto& each : addresses_)
    (each.storage.ss_family == addresses_.front().storage.ss_family ? first : other).push_back(each);
  std::vector<socket_address> all;
  for (std::size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
    if (i < first.size())
      all.push_back(first[i]);
    if (i < other.size())
      all.push_back(other[i]);
  }
  return address_list{std::move(all)};
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

/// An address that was tried and has not answered yet.
class connector::candidate final : public io_handler {
public:
  /// @throws std::system_error if the kernel cannot watch one more socket
  candidate(connector& owner, unique_fd socket, const socket_address& address)
      : owner_{&owner}, socket_{std::move(socket)}, address_{&address} {
    owner_->loop_->add(socket_.get(), *this, interest::writable);
  }
  ~candidate() {
    if (socket_)
      owner_->loop_->remove(socket_.get());
  }
  candidate(const candidate&) = delete;
  candidate& operator=(const candidate&) = delete;

  [[nodiscard]] connected take() {
    owner_->loop_->remove(socket_.get());
    return {std::move(socket_), host_of(*address_)};
  }

private:
  void on_io(interest) override {
    if (const auto failure = pending_error(socket_.get()))
      owner_->on_failed(*this, failure);
    else if (met_itself(socket_.get()))
      owner_->on_failed(*this, std::make_error_code(std::errc::connection_refused));
    else
      owner_->on_connected(*this);
  }

  connector* owner_;
  unique_fd socket_; // watched, until it is taken
  const socket_address* address_;
};

connector::connector(event_loop& loop, address_list addresses, event_loop::clock::time_point deadline,
                     std::function<void(connect_result)> done)
    : loop_{&loop}, addresses_{addresses.interleaved()}, deadline_{deadline}, done_{std::move(done)},
      last_error_{std::make_error_code(std::errc::address_not_available)} {}

connector::~connector() = default;

void connector::start() {
  try_next();
}

// Tries addresses until one may answer later. Then waits for it, or for the time to try the next one beside it.
void connector::try_next() {
  bool opened = false;
  while (!opened && next_ < addresses_.size())
    opened = open(addresses_[next_++]);
  if (candidates_.empty())
    return finish(last_error_);
  const auto soon = loop_->current_time() + attempt_delay;
  loop_->timers().schedule(*this, next_ < addresses_.size() ? std::min(soon, deadline_) : deadline_);
}

// @return whether an event will report the result
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
    candidates_.push_back(std::make_unique<candidate>(*this, std::move(socket), address));
  } catch (const std::system_error& refused) {
    last_error_ = refused.code();
    return false;
  }
  return true;
}

void connector::on_connected(candidate& first) {
  finish(first.take());
}

void connector::on_failed(candidate& failed, std::error_code why) {
  last_error_ = why;
  std::erase_if(candidates_, [&](const auto& each) { return each.get() == &failed; });
  try_next();
}

void connector::on_timer() {
  if (loop_->now() < deadline_)
    return try_next();
  finish(std::make_error_code(std::errc::timed_out));
}

void connector::finish(connect_result result) {
  loop_->timers().cancel(*this);
  candidates_.clear();
  const auto done = std::exchange(done_, nullptr); // the call may destroy *this
  done(std::move(result));
}

} // namespace harpia::inline v0::net
