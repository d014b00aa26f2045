// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fault_support.hpp"

#include <harpia/client.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace harpia::test {

/// What happened on both sides. Thread-safe.
struct soak_counts {
  // Of clients
  std::atomic<std::uint64_t> connections = 0; ///< that were upgraded
  std::atomic<std::uint64_t> sent = 0;        ///< messages to /echo, each of whose echoes was read and compared
  std::atomic<std::uint64_t> published = 0;   ///< messages to /room, each of which came back to its sender
  std::atomic<std::uint64_t> wrong = 0;       ///< answers that were not what they had to be
  std::atomic<std::uint64_t> squeezed = 0;    ///< compressed messages that harpia's own clients got back
  // Of the server
  std::atomic<std::uint64_t> opened = 0;
  std::atomic<std::uint64_t> closed = 0;
  std::atomic<std::uint64_t> echoed = 0;
  std::atomic<std::uint64_t> published_here = 0;
};

/// A server with a route for each kind of traffic:
///
/// /echo and /squeezed, the latter compressing, send every message back; /room publishes it to all; /torn echoes what clients send
/// that do not stay to the end.
class soak_server {
public:
  explicit soak_server(soak_counts& counts) : counts_{&counts}, app{system_} {
    const route_options plain{.max_buffered = 4 << 20, .close_timeout = std::chrono::milliseconds{500}};
    auto compressing = plain;
    compressing.compression = compression::enabled;
    add("/echo", plain, [this](auto& ws, message_view message) {
      ++counts_->echoed;
      ws.send(message);
    });
    add("/torn", plain, [](auto& ws, message_view message) { ws.send(message); });
    add("/squeezed", compressing, [](auto& ws, message_view message) {
      if (message.text() == "bye")
        ws.close(); // so that the client comes back
      else
        ws.send(message);
    });
    add("/room", plain, [this](auto& ws, message_view message) {
      ++counts_->published_here;
      ws.publish("room", message, {.audience = audience::everyone});
    });
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  }

  [[nodiscard]] std::size_t actors() { return system_.registry().running() - actors_before_; }

private:
  template <class Function>
  void add(std::string_view path, const route_options& options, Function on_message) {
    app.ws<no_data>(path,
                    {.open =
                         [this](auto& ws) {
                           ++counts_->opened;
                           if (ws.request().path() == "/room")
                             ws.subscribe("room");
                         },
                     .message = on_message,
                     .close = [this](auto&, close_code, std::string_view) { ++counts_->closed; }},
                    options);
  }

  soak_counts* counts_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  std::size_t actors_before_ = system_.registry().running();

public:
  harpia::app app;
};

/// One thread's clients, one after the other, each of a kind that is drawn.
class soak_clients {
public:
  soak_clients(std::uint16_t port, soak_counts& counts, std::uint64_t seed) : port_{port}, counts_{&counts}, random_{seed} {}

  /// One client's whole life.
  void live() {
    switch (draw(8)) {
      case 0:
      case 1:
      case 2: return talk();
      case 3: return tear();
      case 4: return violate();
      case 5: return read_slowly();
      case 6: return join_room();
      default: return go_early();
    }
  }

private:
  [[nodiscard]] std::size_t draw(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_); }

  /// Mostly small, now and then large.
  [[nodiscard]] std::string payload() {
    const auto size = draw(10) == 0 ? draw(200'000) : draw(draw(2) == 0 ? 130 : 3'000);
    return std::string(size, static_cast<char>('a' + draw(26)));
  }

  [[nodiscard]] raw_client open(std::string_view path) {
    auto client = raw_client::tcp(port_);
    counts_->wrong += client.upgrade(path).status != 101;
    ++counts_->connections;
    return client;
  }

  void end(raw_client& client) {
    client.send_close(1000);
    counts_->wrong += client.read_close().first != 1000;
    counts_->wrong += !client.at_eof();
  }

  void talk() {
    auto client = open("/echo");
    for (auto left = draw(30); left > 0; --left) {
      const auto said = payload();
      const bool is_text = draw(2) == 0;
      if (draw(4) == 0)
        send_in_pieces(client, said, is_text);
      else
        client.send_frame(is_text ? opcode::text : opcode::binary, said);
      counts_->wrong += (is_text ? client.read_text() : client.read_binary()) != said;
      ++counts_->sent;
    }
    end(client);
  }

  void send_in_pieces(raw_client& client, const std::string& said, bool is_text) {
    const auto cut = draw(said.size() + 1);
    client.send_frame(is_text ? opcode::text : opcode::binary, said.substr(0, cut), false);
    client.send_frame(opcode::ping, "between");
    client.send_frame(opcode::continuation, said.substr(cut), true);
    counts_->wrong += client.read_frame().opcode != opcode::pong;
  }

  /// Ends in the middle of a frame, in any way.
  void tear() {
    auto client = open("/torn");
    const auto bytes = encode_frame({.payload = payload()});
    client.send_raw(std::string_view{bytes}.substr(0, draw(bytes.size())));
    switch (draw(3)) {
      case 0: return client.reset();
      case 1: return client.close();
      default: client.shutdown_write(); (void)client.read_to_end();
    }
  }

  void violate() {
    auto client = open("/torn");
    client.send_raw(encode_frame({.opcode = 3}));
    counts_->wrong += client.read_close().first != 1002;
    client.send_close(1002);
  }

  /// Asks for more than the kernel takes, reads some of it piece by piece, and goes.
  void read_slowly() {
    auto client = open("/torn");
    for (int i = 0; i < 3; ++i)
      client.send_binary(std::string(1 << 20, 's'));
    for (auto left = 1'000 + draw(1'000); left > 0; --left)
      counts_->wrong += client.read_raw(100).empty();
    draw(2) == 0 ? client.reset() : client.close();
  }

  void join_room() {
    auto client = open("/room");
    const auto mine = std::to_string(random_()) + payload();
    client.send_binary(mine);
    while (client.read_binary() != mine) { // others' meanwhile
    }
    ++counts_->published;
    client.send_close(1000);
    while (client.read_frame().opcode != opcode::close) {
    }
  }

  void go_early() {
    auto client = raw_client::tcp(port_);
    client.send_raw(std::string_view{"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"}.substr(0, draw(32)));
    draw(2) == 0 ? client.reset() : client.close();
  }

  std::uint16_t port_;
  soak_counts* counts_;
  std::mt19937_64 random_;
};

/// Clients of harpia's own, which compress, and come back whenever the server has closed.
class squeezing_clients {
public:
  squeezing_clients(soak_server& server, soak_counts& counts, std::size_t number) : counts_{&counts} {
    const auto url = "ws://127.0.0.1:" + std::to_string(server.app.port()) + "/squeezed";
    client_options options{.reconnect = {.initial = std::chrono::milliseconds{10}}};
    options.route.compression = compression::enabled;
    for (std::size_t i = 0; i < number; ++i)
      clients_.push_back(connect<progress>(
          server.app, url,
          {.open =
               [this](auto& ws) {
                 ++opened;
                 ++counts_->connections;
                 say(ws);
               },
           .message =
               [this](auto& ws, message_view message) {
                 counts_->wrong += message.text() != ws.data.said;
                 ++counts_->squeezed;
                 say(ws);
               },
           .close = [this](auto&, close_code, std::string_view) { ++closed; }},
          options));
  }
  void close() {
    for (const auto& each : clients_)
      each.close();
  }

  std::atomic<std::uint64_t> opened = 0;
  std::atomic<std::uint64_t> closed = 0;

private:
  struct progress {
    std::size_t number = 0;
    std::string said;
  };

  template <class Socket>
  static void say(Socket& ws) {
    ws.data.said.clear();
    for (std::size_t i = 0; i < ws.data.number * 37 % 500; ++i)
      ws.data.said += std::to_string(i * ws.data.number) + ' ';
    if (++ws.data.number % 200 == 0)
      ws.data.said = "bye";
    ws.send(ws.data.said);
  }

  soak_counts* counts_;
  std::vector<client> clients_;
};

} // namespace harpia::test
