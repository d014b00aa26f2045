// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Sockets come and go by the tens of thousands, in every state that a connection has, and nothing is left of them.
#include "fault_support.hpp"
#include "many_clients.hpp"

#include "support/open_descriptors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <future>
#include <string>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t rounds = 10;
constexpr std::size_t threads = 4;

/// What one socket does before it goes; one in four becomes a connection and says something.
void come_and_go(std::uint16_t port, std::size_t number) {
  auto client = test::raw_client::over(test::connect_from(number, port));
  switch (number % 8) {
    case 0: break; // at once
    case 1: client.send_raw("GET /room HT"); break;
    case 2: client.send_raw(test::opening_request()); break; // gone before the answer
    case 3:
      client.send_raw("nonsense\r\n\r\n");
      (void)client.read_reply();
      break;
    case 4: client.upgrade("/nowhere"); break;
    case 5:
    case 6:
      client.upgrade("/room");
      test::echoes(client);
      client.send_raw(test::encode_frame({.payload = "cut off"}).substr(0, 5));
      break;
    default:
      client.upgrade("/room");
      test::echoes(client);
      client.send_close(1000);
      (void)client.read_close();
  }
  client.reset(); // or its port would be taken up for a minute
}

void round_of(std::uint16_t port, std::size_t count) {
  std::vector<std::future<void>> parts;
  for (std::size_t part = 0; part < threads; ++part)
    parts.push_back(std::async(std::launch::async, [=] {
      for (std::size_t i = part; i < count; i += threads)
        come_and_go(port, i);
    }));
  for (auto& each : parts)
    each.get();
}

} // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(nothing_is_left_of_100000_sockets) {
  const auto sockets = test::size_from_environment("HARPIA_FAULT_SOCKETS", 100'000);
  const test::watchdog limit{std::chrono::seconds{100 + sockets / 1000}, "a storm of sockets"};
  test::room served;
  served.start();
  std::vector<std::size_t> memory;
  std::size_t descriptors = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    round_of(served.app.port(), sockets / rounds);
    BOOST_REQUIRE(test::eventually([&] { return served.app.connections() == 0 && served.actors() == 0; }));
    BOOST_REQUIRE(test::eventually([&] { return served.app.statistics().handshakes == 0; }));
    BOOST_TEST(served.opened == served.closed);
    auto client = served.connect();
    BOOST_TEST(test::echoes(client));
    if (round == 1)
      descriptors = test::open_descriptors();
    memory.push_back(test::memory_in_use());
  }
  BOOST_TEST(served.opened >= sockets * 3 / 8);
  // Lingering sockets wait for their peers, which are gone.
  BOOST_TEST(test::eventually([&] { return test::open_descriptors() <= descriptors + 8; }));
  // After two rounds every pool has its size; 5 % is what the allocator's arenas may still vary by.
  BOOST_TEST_MESSAGE("in use after round 2: " << memory[1] / 1024 << " KiB, at the end: " << memory.back() / 1024 << " KiB");
  BOOST_TEST(memory.back() <= memory[1] + memory[1] / 20);
}

BOOST_AUTO_TEST_SUITE_END()
