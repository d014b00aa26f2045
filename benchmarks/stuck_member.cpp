// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A member of a group that never reads must cost the others nothing: deliveries to the members who read, per second, with and without
// one who does not, in turn, as the ratio of the medians.
//
// Usage: stuck_member [members = 1000] [rounds = 5] [seconds of a round = 2]
#include <harpia/harpia.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::size_t payload_size = 64;
constexpr std::size_t frame_size = payload_size + 2;
constexpr std::size_t window = 8; // messages that members may be behind with
constexpr std::size_t stuck_limit = std::size_t{256} << 10;

int connect_member(std::uint16_t port, int receive_buffer) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0)
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{std::string{"connect: "} + std::strerror(errno)};
  const std::string request = "GET /feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    throw std::runtime_error{"the handshake could not be sent"};
  std::string reply;
  for (char byte = 0; !reply.ends_with("\r\n\r\n") && ::recv(socket, &byte, 1, 0) == 1;)
    reply.push_back(byte);
  if (!reply.starts_with("HTTP/1.1 101"))
    throw std::runtime_error{"the handshake was refused: " + reply};
  return socket;
}

// Publishes for a while, a window ahead of the slowest member who reads. Returns deliveries per second.
double measure(harpia::app& app, const std::vector<int>& readers, std::chrono::duration<double> length) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::size_t> received(readers.size()); // bytes
  for (std::size_t i = 0; i < readers.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, readers[i], &event);
  }
  const std::string message(payload_size, 'm');
  std::vector<char> buffer(std::size_t{64} << 10);
  std::size_t published = 0;
  std::size_t total = 0;
  const auto begin = clock_type::now();
  auto end = begin;
  const auto read_some = [&] {
    std::array<epoll_event, 256> ready{};
    const auto count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 1000);
    if (count <= 0)
      throw std::runtime_error{"nothing was delivered for a second"};
    for (int i = 0; i < count; ++i) {
      const auto who = ready[static_cast<std::size_t>(i)].data.u64;
      const auto size = ::recv(readers[who], buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size == 0)
        throw std::runtime_error{"a member was disconnected"};
      if (size > 0) {
        received[who] += static_cast<std::size_t>(size);
        total += static_cast<std::size_t>(size);
      }
    }
  };
  while (end - begin < length) {
    while (published * readers.size() < total / frame_size + window * readers.size()) {
      app.publish("feed", message);
      ++published;
    }
    read_some();
    end = clock_type::now();
  }
  while (total < published * readers.size() * frame_size)
    read_some();
  if (std::any_of(received.begin(), received.end(), [&](std::size_t bytes) { return bytes != published * frame_size; }))
    throw std::runtime_error{"a member who reads has not got everything"};
  ::close(poll);
  return static_cast<double>(total / frame_size) / std::chrono::duration<double>(clock_type::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::size_t argument(int argc, char** argv, int index, std::size_t otherwise) {
  return argc > index ? std::strtoul(argv[index], nullptr, 10) : otherwise;
}

} // namespace

int main(int argc, char** argv) {
  const auto members = argument(argc, argv, 1, 1000);
  const auto rounds = argument(argc, argv, 2, 5);
  const std::chrono::duration<double> length{static_cast<double>(argument(argc, argv, 3, 2))};
  if (members == 0 || rounds == 0) {
    std::fputs("usage: stuck_member [members] [rounds] [seconds]\n", stderr);
    return 2;
  }

  harpia::app app;
  app.ws("/feed", {.open = [](auto& ws) { ws.subscribe("feed"); }},
         {.max_buffered = stuck_limit, .on_limit = harpia::on_limit::drop_newest, .idle_timeout = std::chrono::seconds{0}});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  std::vector<int> readers;
  for (std::size_t i = 0; i < members; ++i)
    readers.push_back(connect_member(app.port(), 0));

  std::vector<double> without;
  std::vector<double> with;
  for (std::size_t round = 0; round < rounds; ++round) {
    without.push_back(measure(app, readers, length));
    const int stuck = connect_member(app.port(), 4096);
    with.push_back(measure(app, readers, length));
    ::close(stuck);
    while (app.connections() > members)
      measure(app, readers, std::chrono::milliseconds{1});
    std::printf("round %zu: %.0f deliveries/s without, %.0f with a member who never reads\n", round + 1, without.back(),
                with.back());
  }
  std::printf("median: %.0f without, %.0f with; ratio %.3f\n", median(without), median(with), median(with) / median(without));
  for (const int reader : readers)
    ::close(reader);
}
