// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Thousands of sockets that drip their requests, byte by byte, while others only want to be served.
#include "fault_support.hpp"
#include "many_clients.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

/// Sockets, each some bytes into a request that never comes to its end.
class dripping_sockets {
public:
  dripping_sockets(std::uint16_t port, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.push_back(test::raw_client::over(test::connect_from(i, port)));
      (void)drip(sockets_.back(), i);
    }
  }

  /// One byte more each.
  void drip() {
    for (std::size_t i = 0; i < sockets_.size(); ++i)
      (void)drip(sockets_[i], i);
  }

  /// What each was answered, or 0 if it was not.
  [[nodiscard]] std::vector<int> statuses() {
    std::vector<int> all;
    for (auto& each : sockets_)
      all.push_back(status_of(each));
    return all;
  }

private:
  static bool drip(const test::raw_client& socket, std::size_t number) {
    const char byte = static_cast<char>('a' + number % 26);
    return ::send(socket.fd(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
  }
  static int status_of(test::raw_client& socket) {
    try {
      return socket.read_reply().status;
    } catch (const std::exception&) {
      return 0;
    }
  }

  std::vector<test::raw_client> sockets_;
};

/// How many sockets this process may have in a pair, its own end and the server's, beside `others`.
std::size_t room_for_pairs(std::size_t others) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return (static_cast<std::size_t>(limit.rlim_cur) - others) / 2;
}

void serve_honest_clients(test::room& served, std::size_t count) {
  std::vector<test::raw_client> honest;
  for (std::size_t i = 0; i < count; ++i) {
    honest.push_back(served.connect());
    BOOST_TEST(test::echoes(honest.back()));
  }
  for (auto& each : honest)
    BOOST_TEST(test::echoes(each, "once more"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(slowloris)

BOOST_AUTO_TEST_CASE(clients_are_served_beside_5000_that_drip_and_those_get_408) {
  const test::watchdog limit{100s, "slow requests"};
  const auto count = std::min(test::size_from_environment("HARPIA_FAULT_DRIPS", 5'000), room_for_pairs(400));
  test::room served{{.handshake_timeout = 4s}};
  served.start();
  {
    dripping_sockets slow{served.app.port(), count};
    BOOST_TEST(test::eventually([&] { return served.app.statistics().handshakes > count / 2; }));
    std::atomic<bool> over = false;
    std::jthread dripping{[&] {
      while (!over)
        slow.drip();
    }};
    serve_honest_clients(served, 100);
    over = true;
    dripping.join();
    // Of a client that was writing when its time was up the answer may be lost (RFC 9112, 9.6), as only some are waited for.
    const auto statuses = slow.statuses();
    BOOST_TEST(std::ranges::all_of(statuses, [](int status) { return status == 408 || status == 0; }));
    BOOST_TEST(std::ranges::count(statuses, 408) >= 64);
    BOOST_TEST(test::eventually([&] { return served.app.statistics().handshakes == 0; }));
  }
  serve_honest_clients(served, 1);
}

BOOST_AUTO_TEST_CASE(over_the_cap_of_handshakes_sockets_get_503_and_whoever_has_connected_is_served) {
  const test::watchdog limit{100s, "more slow requests than the cap"};
  constexpr std::size_t cap = 1'000;
  test::room served{{.handshake_timeout = 60s, .max_handshakes = cap}};
  served.start();
  auto early = served.connect();
  {
    dripping_sockets slow{served.app.port(), cap};
    BOOST_TEST(test::eventually([&] { return served.app.statistics().handshakes == cap; }));
    dripping_sockets too_many{served.app.port(), 200};
    const auto statuses = too_many.statuses();
    BOOST_TEST(std::ranges::all_of(statuses, [](int status) { return status == 503 || status == 0; }));
    BOOST_TEST(std::ranges::count(statuses, 503) >= 64);
    BOOST_TEST(served.app.statistics().refused_handshakes == 200u);
    slow.drip();
    BOOST_TEST(test::echoes(early));
  }
  BOOST_TEST(test::eventually([&] { return served.app.statistics().handshakes == 0; }));
  serve_honest_clients(served, 100);
}

BOOST_AUTO_TEST_SUITE_END()
