// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "socket.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {

namespace {

void take_next_source_address(int socket) {
  static std::atomic<std::uint32_t> turn{0};
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn.fetch_add(1, std::memory_order_relaxed) % 200);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0)
    throw system_failure("bind to a source address");
}

class plain_stream final : public byte_stream {
public:
  explicit plain_stream(file_descriptor socket) : socket_(std::move(socket)) {}

  io_result read(char* data, std::size_t size) override {
    const auto bytes = ::recv(socket_.get(), data, size, 0);
    if (bytes > 0)
      return {io_status::ok, static_cast<std::size_t>(bytes)};
    if (bytes == 0 || errno == ECONNRESET)
      return {io_status::closed, 0};
    if (errno == EAGAIN || errno == EINTR)
      return {io_status::would_block, 0};
    throw system_failure("recv");
  }

  io_result write(const char* data, std::size_t size) override {
    const auto bytes = ::send(socket_.get(), data, size, MSG_NOSIGNAL);
    if (bytes >= 0)
      return {io_status::ok, static_cast<std::size_t>(bytes)};
    if (errno == EAGAIN || errno == EINTR)
      return {io_status::would_block, 0};
    if (errno == EPIPE || errno == ECONNRESET)
      return {io_status::closed, 0};
    throw system_failure("connect or send");
  }

  [[nodiscard]] int descriptor() const override { return socket_.get(); }

private:
  file_descriptor socket_;
};

} // namespace

std::runtime_error system_failure(const std::string& what) {
  return std::runtime_error{what + ": " + std::strerror(errno)};
}

file_descriptor::~file_descriptor() {
  if (value_ >= 0)
    ::close(value_);
}

file_descriptor start_connecting(const endpoint& server, source_address source) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.get() < 0)
    throw system_failure("socket");
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source == source_address::rotating)
    take_next_source_address(socket.get());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  ::inet_pton(AF_INET, server.host.c_str(), &address.sin_addr);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
    throw system_failure("connect");
  return socket;
}

std::unique_ptr<byte_stream> connect_plain(const endpoint& server, source_address source) {
  return std::make_unique<plain_stream>(start_connecting(server, source));
}

} // namespace load
