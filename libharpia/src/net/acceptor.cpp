// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/acceptor.hpp"

#include "net/service_manager.hpp"

#include "net/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/filter.h>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>

namespace harpia::inline v0::net {

namespace {

constexpr std::uint16_t usual_port = 3000;

[[noreturn]] void fail(std::error_code error, const std::string& address) {
  throw std::system_error{error, "Cannot listen on " + address};
}

/// Opens a listening socket. Returns an empty one on failure; `errno` holds the reason.
unique_fd open_tcp(const socket_address& address, reuse_port reuse) noexcept {
  unique_fd socket{::socket(address.storage.ss_family, socket_flags, 0)};
  const bool listens =
      socket && set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1)
      && (reuse == reuse_port::no || set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1))
      && (address.storage.ss_family != AF_INET6 || set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0))
      && set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1) // accepted sockets inherit it on Linux
      && ::bind(socket.get(), address.get(), address.size) == 0 && ::listen(socket.get(), SOMAXCONN) == 0;
  if (listens)
    return socket;
  const int error = errno;
  socket.reset();
  errno = error;
  return {};
}

/// Whether `path` is a Unix socket that no process listens on. Checks the file's type first, as connecting to any other kind of
/// file is refused too.
bool is_stale_socket(const std::string& path, const sockaddr_un& address) noexcept {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
    return false;
  // Non-blocking: connecting to a listener whose backlog is full would block.
  const unique_fd probe{::socket(AF_UNIX, socket_flags, 0)};
  return probe && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
         && errno == ECONNREFUSED;
}

accept_outcome classify(int error) noexcept {
  switch (error) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
      return accept_outcome::would_block;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM: // a firewall forbids this connection
    case ETIMEDOUT:
    // Linux reports the new socket's pending network errors here. accept(2) asks to treat them like EAGAIN and to retry.
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH: return accept_outcome::retry;
    default: // EMFILE, ENFILE, ENOBUFS, ENOMEM; also any unknown error, so that none makes the loop spin
      return accept_outcome::exhausted;
  }
}

} // namespace

acceptor::acceptor(const listen_options& options) {
  if (options.service_socket)
    listen_on_service_socket(*options.service_socket);
  else if (options.unix.empty())
    listen_on_tcp(options);
  else
    listen_on_unix(options);
}

acceptor::acceptor(unique_fd listening, const std::string& wanted, bool is_shared)
    : socket_{std::move(listening)}, is_shared_{is_shared} {
  name_address(wanted);
}

acceptor& acceptor::operator=(acceptor&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(is_tcp_, other.is_tcp_);
  std::swap(is_shared_, other.is_shared_);
  std::swap(port_, other.port_);
  std::swap(address_, other.address_);
  std::swap(socket_file_, other.socket_file_);
  return *this;
}

acceptor::~acceptor() {
  // Unlink before closing: while the socket is open, no other file can get its inode number, so the comparison is reliable.
  if (socket_ && socket_file_ != file_id{} && file_at(address_) == socket_file_)
    ::unlink(address_.c_str());
}

namespace {

/// Where to listen on TCP.
struct tcp_place {
  explicit tcp_place(const listen_options& options)
      : host{options.hostname.empty() ? std::string{"0.0.0.0"} : options.hostname}, port{options.port.value_or(usual_port)},
        name{host_and_port(host, port)}, reuse{options.reuse_port} {
    addrinfo hints = {};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
      fail(resolver_error(code), name);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> candidates{found, &::freeaddrinfo};
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
      socket_address address;
      address.size = std::min<socklen_t>(each->ai_addrlen, sizeof address.storage);
      std::memcpy(&address.storage, each->ai_addr, address.size);
      const auto is_same = [&](const socket_address& other) { return host_of(other) == host_of(address); };
      if (std::ranges::none_of(addresses, is_same)) // a name may be given the same one twice
        addresses.push_back(address);
    }
  }

  std::string host;
  std::uint16_t port;
  std::string name; // for people
  harpia::reuse_port reuse;
  std::vector<socket_address> addresses;
};

bool is_missing_here(std::error_code error) noexcept {
  return error == std::errc::address_not_available || error == std::errc::address_family_not_supported;
}

} // namespace

void acceptor::listen_on_tcp(const listen_options& options) {
  const tcp_place place{options};
  for (const auto& each : place.addresses)
    if (!socket_)
      socket_ = open_tcp(each, place.reuse);
  if (!socket_)
    fail(last_error(), place.name);
  is_shared_ = place.reuse == reuse_port::yes;
  name_address(place.name);
}

void acceptor::name_address(const std::string& wanted) {
  socket_address bound;
  if (::getsockname(socket_.get(), bound.get(), &bound.size) != 0)
    fail(last_error(), wanted);
  port_ = port_of(bound);
  address_ = host_and_port(host_of(bound), port_);
}

std::vector<acceptor> acceptor::listen_on_all(const listen_options& options) {
  std::vector<acceptor> all;
  if (options.service_socket || !options.unix.empty()) {
    all.emplace_back(options);
    return all;
  }
  const tcp_place place{options};
  // A port that the system has chosen for the first address may be taken on the next one.
  constexpr int tries = 20;
  for (int left = place.port == 0 ? tries : 1; left > 0; --left) {
    std::error_code failure;
    all.clear();
    for (auto address : place.addresses) {
      if (!all.empty())
        set_port(address, all.front().port());
      auto socket = open_tcp(address, place.reuse);
      if (socket) {
        all.push_back(acceptor{std::move(socket), place.name, place.reuse == reuse_port::yes});
        continue;
      }
      if (const auto error = last_error(); !failure || is_missing_here(failure))
        failure = error;
    }
    if (!all.empty() && (!failure || is_missing_here(failure)))
      return all;
    if (left == 1)
      fail(failure, place.name);
  }
  return all;
}

void acceptor::listen_on_unix(const listen_options& options) {
  const auto& path = options.unix;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    fail(std::make_error_code(std::errc::filename_too_long), path);
  if (path.find('\0') != std::string::npos)
    fail(std::make_error_code(std::errc::invalid_argument), path.c_str());
  std::copy(path.begin(), path.end(), address.sun_path);

  socket_.reset(::socket(AF_UNIX, socket_flags, 0));
  if (!socket_)
    fail(last_error(), path);
  const auto bind = [&] { return ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0; };
  if (!bind()) {
    const auto error = last_error();
    if (error != std::errc::address_in_use || !is_stale_socket(path, address))
      fail(error, path);
    ::unlink(path.c_str());
    if (!bind())
      fail(last_error(), path);
  }
  is_tcp_ = false;
  address_ = path;
  socket_file_ = file_at(path);
  // Nobody can connect before `listen`.
  if ((options.unix_mode && ::chmod(path.c_str(), *options.unix_mode) != 0) || ::listen(socket_.get(), SOMAXCONN) != 0) {
    const auto error = last_error();
    ::unlink(path.c_str());
    fail(error, path);
  }
}

void acceptor::listen_on_service_socket(unsigned index) {
  const auto name = "the service manager's socket " + std::to_string(index);
  socket_ = take_service_socket(index);
  int listens = 0;
  socklen_t size = sizeof listens;
  socket_address bound;
  if (!socket_)
    fail(std::make_error_code(std::errc::bad_file_descriptor), name);
  if (::getsockopt(fd(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || ::getsockname(fd(), bound.get(), &bound.size) != 0
      || ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) | O_NONBLOCK) != 0)
    fail(last_error(), name);
  if (listens == 0)
    fail(std::make_error_code(std::errc::invalid_argument), name);
  is_tcp_ = bound.storage.ss_family != AF_UNIX;
  if (is_tcp_) {
    set_option(fd(), IPPROTO_TCP, TCP_NODELAY, 1); // fails harmlessly for other kinds of sockets
    port_ = port_of(bound);
  }
  address_ = is_tcp_ ? host_and_port(host_of(bound), port_) : bound.as<sockaddr_un>().sun_path;
}

accept_result acceptor::accept() {
  accept_result result;
  socket_address peer;
  result.socket.reset(::accept4(fd(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!result.socket) {
    result.error = last_error();
    result.outcome = classify(errno);
    return result;
  }
  result.outcome = accept_outcome::accepted;
  if (is_tcp_)
    result.remote_address = host_of(peer);
  return result;
}

// The kernel decides by a hash whose socket a packet is for, and asks the filter of that socket only.
bool acceptor::leave_new_clients_to_others() noexcept {
  if (!is_shared_)
    return false;
  constexpr std::uint32_t flags = 13; // offset in the TCP header (RFC 9293, 3.1)
  constexpr std::uint32_t syn = 0x02;
  constexpr std::uint32_t ack = 0x10;
  constexpr std::uint32_t whole = 0xFFFFFFFF;
  std::array<sock_filter, 5> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 1, 0), BPF_STMT(BPF_RET | BPF_K, whole),
      BPF_STMT(BPF_RET | BPF_K, 0), // the first packet of a connection
  }};
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  return ::setsockopt(fd(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

bool acceptor::has_waiting() const noexcept {
  pollfd listening{.fd = fd(), .events = POLLIN, .revents = 0};
  return ::poll(&listening, 1, 0) > 0;
}

acceptor::file_id acceptor::file_at(const std::string& path) noexcept {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0)
    return {};
  return {status.st_dev, status.st_ino};
}

} // namespace harpia::inline v0::net
