// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// What the kernel alone costs: sends bytes back as they came, with one recv and one send for each turn. No WebSocket.
#include "port_option.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <map>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

int listen_on(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 4096) != 0)
    throw std::runtime_error{"the port is taken"};
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

class floor_server {
public:
  explicit floor_server(int port) : listener_(listen_on(port)), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_)
          accept_all();
        else
          serve(socket);
      }
    }
  }

private:
  void watch(int socket, std::uint32_t events, int operation = EPOLL_CTL_ADD) const {
    epoll_event event{.events = events, .data = {.fd = socket}};
    ::epoll_ctl(poll_, operation, socket, &event);
  }

  void accept_all() const {
    for (int socket = 0; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(socket, EPOLLIN);
    }
  }

  // A client that does not read is not read either.
  void serve(int socket) {
    if (const auto found = waiting_.find(socket); found != waiting_.end()) {
      auto bytes = std::move(found->second);
      waiting_.erase(found);
      watch(socket, EPOLLIN, EPOLL_CTL_MOD);
      return send(socket, bytes.data(), bytes.size());
    }
    const auto bytes = ::recv(socket, buffer_.data(), buffer_.size(), 0);
    if (bytes > 0)
      send(socket, buffer_.data(), static_cast<std::size_t>(bytes));
    else if (bytes == 0 || errno != EAGAIN)
      ::close(socket);
  }

  void send(int socket, const char* data, std::size_t size) {
    const auto sent = ::send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      ::close(socket);
      return;
    }
    const auto taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken < size) {
      waiting_[socket].assign(data + taken, size - taken);
      watch(socket, EPOLLOUT, EPOLL_CTL_MOD);
    }
  }

  int listener_;
  int poll_;
  std::vector<char> buffer_ = std::vector<char>(512 << 10);
  std::map<int, std::string> waiting_; // at most one read of each client
};

} // namespace

int main(int argc, char** argv) {
  floor_server{peers::port_option(argc, argv)}.run();
}
