// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fault_support.hpp"
#include "system_faults.hpp"

#include "support/tls_bridge.hpp"

#include <harpia/client.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harpia::test {

enum class wire : bool { plain, tls };

/// A client that may lose its connection, since something on the way failed, but must not be left waiting.
class tolerant_peer {
public:
  /// Does `work`, unless the connection is lost already.
  void step(std::string_view name, const std::function<void(raw_client&)>& work) {
    if (is_lost_ || !client_)
      return;
    try {
      work(*client_);
    } catch (const std::exception& why) {
      lose(name, why.what());
    }
  }
  void connect(std::uint16_t port, wire over) {
    if (over == wire::plain)
      client_.emplace(raw_client::tcp(port));
    else
      connect_over_tls(port);
  }
  void end() {
    client_.reset();
    tls_.reset();
  }

  [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }
  /// The step in which it was neither served nor cut; empty if there was none.
  [[nodiscard]] const std::string& left_waiting() const noexcept { return left_waiting_; }

private:
  void connect_over_tls(std::uint16_t port) {
    try {
      tls_.emplace(port, tls_bridge_options{.on_thread = system_faults::spare_this_thread});
      client_.emplace(raw_client::over(tls_->take_plain()));
    } catch (const std::exception& why) {
      lose("TLS handshake", why.what());
    }
  }
  void lose(std::string_view step, std::string_view why) {
    is_lost_ = true;
    if (why.find("nothing happened") != why.npos)
      left_waiting_ = step;
    end();
  }

  std::optional<tls_bridge> tls_; // below the client
  std::optional<raw_client> client_;
  bool is_lost_ = false;
  std::string left_waiting_;
};

/// What clients do with a room: they connect, upgrade, exchange messages, hear one that is published, and end in every way that there
/// is, but over TLS the one that resets just vanishes; beside them a client of harpia's own, which comes back. No step depends on another
/// peer's luck.
class scenario {
public:
  explicit scenario(room& served, wire over = wire::plain) : room_{&served}, over_{over} {}

  /// All but the ends.
  void converse() {
    own_ = harpia::connect<no_data>(
        room_->app, (over_ == wire::tls ? "wss" : "ws") + ("://127.0.0.1:" + std::to_string(room_->app.port())) + "/room",
        {.open =
             [this](auto& ws) {
               ++own_opened;
               ws.send("own");
             },
         .message = [this](auto&, message_view) { ++own_received; },
         .close = [this](auto&, close_code, std::string_view) { ++own_closed; }},
        {.reconnect = {.initial = std::chrono::milliseconds{10}},
         .tls = {.ca = over_ == wire::tls ? certificate("ca.pem") : ""}});
    for (auto& each : peers_)
      each.connect(room_->app.port(), over_);
    for (auto& each : peers_)
      each.step("upgrade", [](raw_client& client) {
        if (client.upgrade("/room").status != 101)
          throw std::runtime_error{"refused"};
      });
    for (auto& each : peers_)
      each.step("send", [](raw_client& client) {
        client.send_text("hello");
        client.send_raw(
            encode_frame({.fin = false, .payload = "in "}) + encode_frame({.opcode = opcode::continuation, .payload = "two"}));
        client.send_binary(std::string(40'000, 'x'));
      });
    for (auto& each : peers_)
      each.step("read", [](raw_client& client) {
        if (client.read_text() != "hello" || client.read_text() != "in two" || client.read_binary().size() != 40'000)
          throw std::logic_error{"not what was sent"};
      });
    own_was_served = eventually([this] { return own_received > 0; });
    room_->app.publish("room", "all:news");
    for (auto& each : peers_)
      each.step("news", [](raw_client& client) {
        if (client.read_text() != "all:news")
          throw std::logic_error{"not what was published"};
      });
  }

  /// Three end by themselves, and one by a violation; the last is open still.
  void end_most() {
    peers_[0].step("close", [](raw_client& client) {
      client.send_close(1000);
      (void)client.read_to_end();
    });
    peers_[1].step("violation", [](raw_client& client) {
      client.send_raw(encode_frame({.opcode = 3}));
      (void)client.read_to_end();
    });
    peers_[2].step("reset", [](raw_client& client) { client.reset(); });
    peers_[3].step("vanish", [](raw_client& client) { client.close(); });
    for (std::size_t i = 0; i < 4; ++i)
      peers_[i].end();
    own_.close();
  }

  /// After the app was told to stop.
  void end_last() {
    peers_[4].step("stop", [](raw_client& client) {
      while (const auto frame = client.read_frame_or_eof())
        if (frame->opcode == opcode::close)
          client.send_close(1001);
    });
    peers_[4].end();
  }

  [[nodiscard]] std::size_t lost() const {
    return static_cast<std::size_t>(std::ranges::count_if(peers_, [](const auto& each) { return each.is_lost(); }));
  }
  [[nodiscard]] std::string left_waiting() const {
    for (const auto& each : peers_)
      if (!each.left_waiting().empty())
        return each.left_waiting();
    return {};
  }

  std::atomic<std::size_t> own_opened = 0;
  std::atomic<std::size_t> own_closed = 0;
  std::atomic<std::size_t> own_received = 0;
  bool own_was_served = false;

private:
  room* room_;
  wire over_;
  harpia::client own_;
  std::array<tolerant_peer, 5> peers_;
};

} // namespace harpia::test
