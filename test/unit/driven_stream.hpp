// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/session_context.hpp"
#include "websocket/stream.hpp"

#include "support/event_functions.hpp"
#include "support/event_log.hpp"
#include "support/on_loop.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <fcntl.h>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

// What the tests of streams share.

namespace harpia::test {

using lines = std::vector<std::string>;

/// A stream on a loop of its own, with the peer's end in the test's hands. The test's thread is the peer; what concerns the stream
/// is done with `on_loop`.
class driven_stream final : event_functions {
public:
  explicit driven_stream(const route_options& options = {}, int send_buffer = 0) {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
    net::unique_fd ours{both[0]};
    peer.emplace(raw_client::over(net::unique_fd{both[1]}));
    BOOST_REQUIRE(::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0);
    if (send_buffer > 0)
      ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    stream = std::make_unique<websocket::stream>(
        loop, shared, net::channel{std::move(ours), "here"}, static_cast<websocket::event_listener&>(*this), options);
    stream->accept(opening_request(), {});
    runner_ = std::thread{[this] { loop.run(); }};
    BOOST_REQUIRE(peer->read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  }

  ~driven_stream() {
    loop.stop();
    runner_.join();
  }

  /// Runs `work` on the loop's thread and waits for what it returns.
  template <class Function>
  auto on_loop(Function work) {
    return test::result_on(loop, std::move(work));
  }

  /// Waits until the stream has heard everything that the peer sent before, and the peer everything that the stream wrote.
  void exchange_pings() {
    peer->send_frame(opcode::ping, "sync");
    while (peer->read_frame().opcode != opcode::pong) {
    }
  }

  websocket::session_context shared;
  net::event_loop loop;
  std::optional<raw_client> peer;
  std::unique_ptr<websocket::stream> stream; // destroyed one turn after it closed, as its owner does
  event_log log;
  std::function<void(message_view)> in_message; // set on the loop
  std::function<void()> in_drain;
  std::optional<error> failure;
  std::size_t waiting_at_drain = 0;
  bool keep_closed = false;

private:
  template <class Function>
  void enter(std::string line, Function then) {
    if (inside_)
      log.add("nested!");
    inside_ = true;
    log.add(std::move(line));
    then();
    inside_ = false;
  }

  void on_message(message_view message) override {
    enter("message: " + std::string{message.text()}, [&] {
      if (in_message)
        in_message(message);
    });
  }
  void on_pong(std::string_view payload) override {
    enter("pong: " + std::string{payload}, [] {});
  }
  void on_dropped(std::size_t count, std::size_t bytes) override {
    enter("dropped: " + std::to_string(count) + ' ' + std::to_string(bytes), [] {});
  }
  void on_outcome(const websocket::delivery_ptr&, delivery_outcome outcome) override {
    enter("outcome: " + std::to_string(static_cast<int>(outcome)), [] {});
  }
  void on_drain() override {
    waiting_at_drain = stream->buffered();
    enter("drain", [&] {
      if (in_drain)
        in_drain();
    });
  }
  void on_failed(const error& what) override {
    failure = what;
    enter("failed: " + what.code().message(), [] {});
  }
  void on_closed(close_code code, std::string_view reason) override {
    enter("closed " + std::to_string(static_cast<int>(code)) + ": " + std::string{reason}, [&] {
      if (!keep_closed)
        loop.post([this] { websocket::stream::leave(std::move(stream)); });
    });
  }

  bool inside_ = false;
  std::thread runner_;
};

inline std::string failed(errc code) {
  return "failed: " + make_error_code(code).message();
}

inline constexpr int tiny_buffer = 4096;
inline const route_options pressed{.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 1 << 20};

} // namespace harpia::test
