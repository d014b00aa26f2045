// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Some of the clients of the crowd benchmark, in one process with one thread.
//
// Usage: crowd_clients PORT COUNT SOURCE..., where each SOURCE is a loopback address that they take turns to connect from. They
// stay until standard input ends, and write:
//
//   connected COUNT                       when all are; or "connecting COUNT" now and then before that
//   members SERVER COUNT                  then, for every server that some of them are with
//   delivered SERVER ROUND COUNT TIME     once a broadcast has come to all of those; TIME of the last, as in crowd_message.hpp
#include "crowd_message.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <map>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

/// Connections that a process has begun and not finished: its share of the servers' backlogs.
constexpr std::size_t max_connecting = 128;

[[noreturn]] void fail(const std::string& what, int error = errno) {
  throw std::runtime_error{what + ": " + std::strerror(error)};
}

// Sockets are told apart by their places in the list; this is none.
constexpr std::uint64_t standard_input = ~std::uint64_t{0};

enum class phase : std::uint8_t { connecting, asked, open };

struct client {
  int socket = -1;
  phase now = phase::connecting;
  unsigned server = 0;
  std::string answer;                        // while it is not open; given back then
  std::array<char, crowd::frame_size> frame; // the broadcast that is coming
  std::size_t filled = 0;                    // bytes of it
};

// The process ends with it, and its sockets with the process.
class crowd_of_clients {
public:
  crowd_of_clients(std::uint16_t port, std::size_t count, const std::vector<std::string>& sources)
      : port_{port}, clients_(count), poll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (poll_ < 0)
      fail("epoll_create1");
    for (const auto& source : sources) {
      auto& address = sources_.emplace_back();
      address.sin_family = AF_INET;
      if (::inet_pton(AF_INET, source.c_str(), &address.sin_addr) != 1)
        throw std::runtime_error{"'" + source + "' is no IPv4 address"};
    }
    watch(STDIN_FILENO, EPOLLIN, standard_input);
  }

  void run() {
    connect_more();
    std::vector<epoll_event> ready(512);
    while (true) {
      const int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
      if (count < 0 && errno != EINTR)
        fail("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const auto& event = ready[static_cast<std::size_t>(i)];
        if (event.data.u64 == standard_input)
          return;
        serve(clients_[event.data.u64], event.data.u64);
      }
      connect_more();
    }
  }

private:
  void watch(int descriptor, std::uint32_t events, std::uint64_t place) {
    epoll_event event{.events = events, .data = {.u64 = place}};
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) != 0)
      fail("epoll_ctl");
  }

  void connect_more() {
    while (begun_ < clients_.size() && begun_ - open_ < max_connecting) {
      connect(clients_[begun_], begun_);
      ++begun_;
    }
  }

  void connect(client& self, std::uint64_t place) {
    self.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self.socket < 0)
      fail("socket " + std::to_string(place + 1));
    // The port is chosen by `connect`, when the destination is known; `bind` would find one that nobody at all uses.
    const int on = 1;
    ::setsockopt(self.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    // Reset at the end, or each address would be without its ports for a minute.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(self.socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    const auto& from = sources_[place % sources_.size()];
    if (::bind(self.socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
      fail("bind");
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port_);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(self.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
      fail("connect " + std::to_string(place + 1));
    watch(self.socket, EPOLLOUT, place);
  }

  void serve(client& self, std::uint64_t place) {
    switch (self.now) {
      case phase::connecting: ask(self, place); break;
      case phase::asked: take_answer(self); break;
      case phase::open: receive(self); break;
    }
  }

  void ask(client& self, std::uint64_t place) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(self.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      fail("connection " + std::to_string(place + 1), error);
    static constexpr std::string_view request =
        "GET /crowd HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (::send(self.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      fail("the opening handshake of connection " + std::to_string(place + 1));
    self.now = phase::asked;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = place}};
    ::epoll_ctl(poll_, EPOLL_CTL_MOD, self.socket, &event);
  }

  void take_answer(client& self) {
    std::array<char, 1024> buffer;
    self.answer.append(buffer.data(), read(self, buffer.data(), buffer.size()));
    if (!self.answer.ends_with("\r\n\r\n"))
      return;
    const auto field = "\r\n" + std::string{crowd::server_field} + ": ";
    const auto at = self.answer.find(field);
    if (!self.answer.starts_with("HTTP/1.1 101 ") || at == std::string::npos)
      throw std::runtime_error{"a server answered " + self.answer.substr(0, self.answer.find('\r'))};
    std::from_chars(self.answer.data() + at + field.size(), self.answer.data() + self.answer.size(), self.server);
    self.answer = std::string{};
    self.now = phase::open;
    ++members_[self.server];
    if (++open_ == clients_.size())
      tell_connected();
    else if (open_ % 1000 == 0)
      std::cout << "connecting " << open_ << std::endl;
  }

  void tell_connected() {
    std::cout << "connected " << open_ << '\n';
    for (const auto& [server, count] : members_)
      std::cout << "members " << server << ' ' << count << '\n';
    std::cout << std::flush;
  }

  void receive(client& self) {
    self.filled += read(self, self.frame.data() + self.filled, self.frame.size() - self.filled);
    if (self.filled < self.frame.size())
      return;
    self.filled = 0;
    const auto round = crowd::decode({self.frame.data(), self.frame.size()});
    if (round == 0)
      throw std::runtime_error{"something came that was never published"};
    const auto broadcast = delivered_.try_emplace({self.server, round}, 0).first;
    if (++broadcast->second < members_[self.server])
      return;
    std::cout << "delivered " << self.server << ' ' << round << ' ' << broadcast->second << ' ' << crowd::now() << std::endl;
    delivered_.erase(broadcast);
  }

  std::size_t read(const client& self, char* into, std::size_t size) const {
    const auto count = ::recv(self.socket, into, size, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
      const auto* what = self.now == phase::open ? "an open connection was lost" : "an opening handshake was not answered";
      fail(what + (", with " + std::to_string(open_) + " of " + std::to_string(clients_.size()) + " open"),
           count == 0 ? ECONNRESET : errno);
    }
    return count < 0 ? 0 : static_cast<std::size_t>(count);
  }

  std::uint16_t port_;
  std::vector<sockaddr_in> sources_;
  std::vector<client> clients_;
  int poll_;
  std::size_t begun_ = 0;
  std::size_t open_ = 0;
  std::map<unsigned, std::size_t> members_;
  std::map<std::pair<unsigned, std::uint32_t>, std::size_t> delivered_; // bounded by the broadcasts that are under way
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: crowd_clients PORT COUNT SOURCE...\n";
    return 2;
  }
  try {
    const auto port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
    crowd_of_clients{port, std::strtoul(argv[2], nullptr, 10), {argv + 3, argv + argc}}.run();
  } catch (const std::exception& failure) {
    std::cerr << "crowd_clients: " << failure.what() << '\n';
    return 1;
  }
}
