// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of sending share.

namespace harpia::test::sending {

using lines = std::vector<std::string>;

inline constexpr std::size_t payload_size = 10'000;
inline constexpr std::size_t frame_size = payload_size + 4; // RFC 6455, 5.2: two bytes and a length of two more

inline std::string numbered(std::size_t number) {
  auto text = std::to_string(number);
  text.resize(payload_size, ' ');
  return text;
}

inline std::size_t number_of(const std::string& text) {
  return std::stoul(text);
}

inline constexpr route_options pressed(on_limit policy) {
  return {.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 256 << 10, .on_limit = policy};
}

inline std::string_view name_of(send_status status) {
  constexpr std::array<std::string_view, 4> names{"sent", "buffered", "dropped", "closed"};
  return names.at(static_cast<std::size_t>(status));
}

inline std::string_view name_of(delivery_outcome outcome) {
  constexpr std::array<std::string_view, 3> names{"taken", "dropped", "closed"};
  return names.at(static_cast<std::size_t>(outcome));
}

/// One loop, and a route "/" whose connection does what the test puts into `on_message`.
struct fixture {
  void start(route_options options = {}) {
    app.ws<no_data>(
        "/",
        {
            .open =
                [this](auto& ws) {
                  first = &ws;
                  given.set_value(ws.handle());
                },
            .message = [this](auto& ws, message_view message) { on_message(ws, message.text()); },
            .close =
                [this](auto&, close_code code, std::string_view reason) {
                  log.add("close " + std::to_string(static_cast<int>(code)) + ' ' + std::string{reason});
                },
            .drain = [this](auto&) { log.add("drain"); },
            .dropped =
                [this](auto&, std::size_t count, std::size_t bytes) {
                  dropped += count;
                  dropped_bytes += bytes;
                  log.add("dropped " + std::to_string(dropped) + ' ' + std::to_string(dropped_bytes));
                },
            .error = [this](auto&, const error& what) { log.add("error " + what.code().message()); },
            .ping = [this](auto&, std::string_view) { log.add("ping"); },
        },
        options);
    // For what others do on the loop of the first connection, and to know that the loop has turned.
    app.ws<no_data>("/beside", {.message = [this](auto& ws, message_view message) {
                      if (beside)
                        std::exchange(beside, nullptr)();
                      ws.send(message);
                    }});
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  [[nodiscard]] raw_client connect(std::string_view path = "/", int receive_buffer = 0) const {
    auto client = raw_client::tcp(app.port(), {.receive_buffer = receive_buffer});
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }
  [[nodiscard]] raw_client connect_slowly() const { return connect("/", 4096); }

  /// Runs `work` on the loop, and returns when it has run and the loop has looked at every socket once more.
  void on_loop(std::function<void()> work = [] {}) {
    if (!other)
      other.emplace(connect("/beside"));
    beside = std::move(work);
    for (int turn = 0; turn < 2; ++turn) {
      other->send_text("turn");
      BOOST_REQUIRE(other->read_text() == "turn");
    }
  }

  event_log log; // outlives the app, whose handlers write to it
  std::function<void(socket<no_data>&, std::string_view)> on_message = [](auto&, std::string_view) {};
  std::function<void()> beside; // handed to the loop by a message
  std::promise<handle> given;
  socket_base* first = nullptr; // used on the loop only
  std::size_t dropped = 0;      // written on the loop, read after it said so in the log
  std::size_t dropped_bytes = 0;
  harpia::app app{{.stop_timeout = std::chrono::milliseconds{300}}};
  std::optional<raw_client> other;
};

} // namespace harpia::test::sending
