// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "slow_reader.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace ticker {

using namespace std::chrono_literals;
namespace json = boost::json;

std::int64_t now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

slow_reader::slow_reader(harpia::app& app)
    : app_{app}, reports_{app.group("slow")}, thread_{[this](const std::stop_token& stop) { loop(stop); }} {}

void slow_reader::loop(const std::stop_token& stop) {
  for (unsigned turn = 0; !stop.stop_requested(); ++turn, std::this_thread::sleep_for(20ms)) {
    if (wanted_ && socket_ < 0)
      connect();
    if (!wanted_ && socket_ >= 0)
      disconnect();
    if (socket_ >= 0)
      read();
    if (turn % 10 == 0 && reports_.size() > 0)
      report();
  }
  disconnect();
}

void slow_reader::connect() {
  by_symbol_.clear();
  unread_.clear();
  lag_ = 0;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int small = 4096; // so that what is not read waits in the server
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(app_.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::string_view request =
      "GET /ticks HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
      || ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0)
    disconnect();
}

void slow_reader::disconnect() {
  if (const int socket = std::exchange(socket_, -1); socket >= 0)
    ::close(socket);
}

// At most 2 KiB, fifty times a second. The server's answer is skipped; its frames are short, whole texts without a mask.
void slow_reader::read() {
  std::array<char, 2048> bytes;
  const auto count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count == 0)
    return disconnect();
  if (count < 0)
    return;
  unread_.append(bytes.data(), static_cast<std::size_t>(count));
  if (unread_.starts_with("HTTP/")) {
    const auto end = unread_.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    unread_.erase(0, end + 4);
  }
  constexpr char text = '\x81';
  while (unread_.size() >= 2) {
    const auto size = static_cast<unsigned char>(unread_[1]);
    if (unread_.size() < 2U + size)
      return;
    if (unread_[0] == text)
      take(std::string_view{unread_}.substr(2, size));
    unread_.erase(0, 2U + size);
  }
}

void slow_reader::take(std::string_view message) {
  const auto tick = json::parse({message.data(), message.size()});
  auto& symbol = by_symbol_[std::string{tick.at("symbol").as_string()}];
  const auto number = tick.at("number").to_number<std::uint64_t>();
  if (symbol.received++ > 0)
    symbol.skipped += number - symbol.newest - 1;
  symbol.newest = number;
  lag_ = now() - tick.at("at").as_int64();
}

void slow_reader::report() {
  json::object symbols;
  for (const auto& [name, each] : by_symbol_)
    symbols[name] = {{"received", each.received}, {"skipped", each.skipped}};
  reports_.publish(json::serialize(json::value{{"on", socket_ >= 0}, {"lag", lag_}, {"symbols", symbols}}));
}

} // namespace ticker
