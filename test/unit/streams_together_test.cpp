// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session_context.hpp"
#include "websocket/stream.hpp"

#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

// Sockets that are ready in the same turn are read together, and written together. What one of them brings must not harm the others.

namespace net = harpia::net;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;

namespace {

/// A stream with its peer. The loop runs on the test's thread.
class end final : harpia::test::event_functions {
public:
  end(net::event_loop& loop, websocket::session_context& shared) : loop_{&loop} {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
    net::unique_fd ours{both[0]};
    peer.emplace(test::raw_client::over(net::unique_fd{both[1]}));
    BOOST_REQUIRE(::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0);
    stream = std::make_unique<websocket::stream>(
        loop, shared, net::channel{std::move(ours)}, static_cast<websocket::event_listener&>(*this), harpia::route_options{});
    stream->accept(test::opening_request(), {});
  }

  std::optional<test::raw_client> peer;
  std::unique_ptr<websocket::stream> stream;
  std::vector<std::string> log;
  std::function<void()> in_message;
  std::function<void()> in_closed;

private:
  void on_message(harpia::message_view message) override {
    log.emplace_back(message.text());
    if (in_message)
      in_message();
  }
  void on_failed(const harpia::error& what) override { log.push_back("failed: " + what.code().message()); }
  void on_closed(close_code code, std::string_view) override {
    log.push_back("closed " + std::to_string(static_cast<int>(code)));
    if (in_closed)
      in_closed();
    loop_->post([this] { stream.reset(); });
  }

  net::event_loop* loop_;
};

struct together {
  together() {
    for (int i = 0; i < 6; ++i)
      ends.push_back(std::make_unique<end>(loop, shared));
  }

  /// Runs the loop, asking `done` again and again from posted work.
  void run_until(const std::function<bool()>& done) {
    std::function<void()> look = [&] {
      if (done() || ++turns > 10'000)
        loop.stop();
      else
        loop.post([&] { look(); });
    };
    loop.post([&] { look(); });
    loop.run();
    BOOST_TEST(turns <= 10'000);
  }

  websocket::session_context shared;
  net::event_loop loop;
  std::vector<std::unique_ptr<end>> ends;
  int turns = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(streams_together, together)

BOOST_AUTO_TEST_CASE(what_was_read_of_a_stream_that_another_pauses_is_kept) {
  int resumed = 0;
  for (const auto& each : ends)
    each->in_message = [&, self = each.get()] {
      if (self->log.size() > 1)
        return;
      for (const auto& other : ends)
        if (other.get() != self && other->log.empty())
          other->stream->pause();
      loop.post([&] {
        ++resumed;
        for (const auto& other : ends)
          other->stream->resume();
      });
    };
  for (const auto& each : ends) {
    each->peer->send_text("first");
    each->peer->send_text("second");
  }
  run_until([&] { return std::ranges::all_of(ends, [](const auto& each) { return each->log.size() == 2; }); });
  BOOST_TEST(resumed > 0);
  for (const auto& each : ends) {
    const std::vector<std::string> expected{"first", "second"};
    BOOST_TEST(each->log == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_end_of_a_paused_stream_comes_behind_what_it_had_to_say) {
  auto& quiet = *ends.back();
  auto& other = *ends.front();
  quiet.in_message = [&] {
    if (quiet.log.size() == 1)
      quiet.stream->pause();
  };
  quiet.peer->send_text("one");
  quiet.peer->send_text("two");
  quiet.peer->send_text("three");
  quiet.peer->shutdown_write();
  for (const auto& each : ends)
    if (each.get() != &quiet)
      each->peer->send_text("hello");
  bool resumed = false;
  run_until([&] {
    if (!resumed && !other.log.empty() && turns > 5) {
      BOOST_TEST(quiet.log.size() == 1u);
      quiet.stream->resume();
      resumed = true;
    }
    return quiet.log.size() >= 5;
  });
  BOOST_TEST(quiet.log[1] == "two");
  BOOST_TEST(quiet.log[2] == "three");
  BOOST_TEST(quiet.log.back() == "closed 1006");
}

BOOST_AUTO_TEST_CASE(a_stream_that_another_terminates_or_destroys_says_nothing_more) {
  auto& first = *ends[0];
  first.in_message = [&] {
    for (std::size_t i = 1; i < ends.size(); ++i)
      if (i % 2 == 0)
        ends[i]->stream->terminate();
      else
        ends[i]->stream.reset();
  };
  // The first that is served silences the rest, whichever it is.
  for (std::size_t i = 1; i < ends.size(); ++i)
    ends[i]->in_message = [] { BOOST_TEST_MESSAGE("served before"); };
  for (const auto& each : ends)
    each->peer->send_text("hello");
  run_until([&] { return !first.log.empty() && turns > 3; });
  for (std::size_t i = 2; i < ends.size(); i += 2)
    BOOST_TEST(ends[i]->log.back() == "closed 1006");
}

BOOST_AUTO_TEST_CASE(a_paused_stream_tells_its_end_by_itself_and_not_inside_of_whoever_closes_it) {
  auto& paused = *ends.front();
  bool inside = false;
  bool nested = false;
  bool closed = false;
  paused.in_message = [&] { paused.stream->pause(); };
  paused.in_closed = [&] { nested = inside; };
  paused.peer->send_text("pause");
  paused.peer->send_close(1000);
  run_until([&] {
    if (!closed && !paused.log.empty() && turns > 5) {
      inside = closed = true;
      paused.stream->close(close_code::going_away, {});
      inside = false;
    }
    return paused.log.size() > 1;
  });
  BOOST_TEST(!nested);
  BOOST_TEST(paused.log.back() == "closed 1001");
}

BOOST_AUTO_TEST_CASE(many_answers_of_a_turn_reach_their_peers) {
  for (const auto& each : ends)
    each->in_message = [&ends = ends] {
      for (const auto& other : ends)
        other->stream->send(std::string_view{"answer"});
    };
  for (const auto& each : ends)
    each->peer->send_text("ask");
  run_until([&] {
    return std::ranges::all_of(ends, [](const auto& each) { return !each->log.empty() && each->stream->buffered() == 0; });
  });
  for (const auto& each : ends) {
    BOOST_TEST(each->peer->read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    for (std::size_t i = 0; i < ends.size(); ++i)
      BOOST_TEST(each->peer->read_text() == "answer");
  }
}

// One of several sockets gets a part of the loop's buffer. A socket that fills it is read alone next, into all of it.
BOOST_AUTO_TEST_CASE(messages_larger_than_a_part_of_the_buffer_arrive_whole_beside_small_ones) {
  constexpr int rounds = 3;
  std::vector<std::thread> peers;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto size = i % 2 == 0 ? net::event_loop::read_part_size * 3 / 2 + i : 10 + i;
    peers.emplace_back([&peer = *ends[i]->peer, size] {
      for (int round = 0; round < rounds; ++round)
        peer.send_text(std::string(size, static_cast<char>('a' + round)));
    });
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  run_until([&] {
    std::this_thread::yield(); // to the peers
    if (std::chrono::steady_clock::now() < deadline)
      turns = 0; // they need no certain number of turns
    return std::ranges::all_of(ends, [](const auto& each) { return each->log.size() == rounds; });
  });
  for (auto& peer : peers)
    peer.join();
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (int round = 0; round < rounds; ++round) {
      const auto& text = ends[i]->log[static_cast<std::size_t>(round)];
      BOOST_TEST(text.size() == (i % 2 == 0 ? net::event_loop::read_part_size * 3 / 2 + i : 10 + i));
      BOOST_TEST(text.find_first_not_of(static_cast<char>('a' + round)) == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
