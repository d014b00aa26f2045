// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Everything at once, for as long as HARPIA_SOAK_SECONDS says. Memory is compared at moments at which nobody is connected.
#include "soak_traffic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <malloc.h>
#include <span>
#include <string>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t rounds = 10;
constexpr std::size_t warm_up = 2;  // rounds, until every pool and every arena has its size
constexpr std::size_t compared = 3; // rounds at either end
constexpr std::size_t threads = 4;

/// What a client thread failed with, if it did.
std::string run_clients(std::uint16_t port, test::soak_counts& counts, std::uint64_t seed, clock_type::time_point end) {
  try {
    test::soak_clients clients{port, counts, seed};
    while (clock_type::now() < end)
      clients.live();
  } catch (const std::exception& failure) {
    return failure.what();
  }
  return {};
}

void run_round(test::soak_server& server, test::soak_counts& counts, std::size_t round, std::chrono::milliseconds length) {
  test::squeezing_clients own{server, counts, 4};
  const auto end = clock_type::now() + length;
  std::vector<std::future<std::string>> parts;
  for (std::size_t i = 0; i < threads; ++i)
    parts.push_back(std::async(std::launch::async, run_clients, server.app.port(), std::ref(counts), round * threads + i, end));
  for (auto& each : parts)
    BOOST_TEST(each.get() == "");
  own.close();
  BOOST_TEST(test::eventually([&] { return server.app.connections() == 0 && server.actors() == 0; }));
  BOOST_TEST(test::eventually([&] { return server.app.statistics().handshakes == 0 && own.opened == own.closed; }));
}

/// Bytes, once everything that is free has been given back.
struct footprint {
  std::size_t in_use;    // with pages that the allocator keeps between others, so it goes up and down; not under a sanitizer
  std::size_t allocated; // and not freed
};

footprint settled_memory() {
  // The pools give large buffers back when those have not been used for a second or two.
  const auto trimmed = clock_type::now() + 2500ms;
  test::eventually([&] { return clock_type::now() >= trimmed; });
  ::malloc_trim(0);
  return {test::memory_in_use(), test::allocated_memory()};
}

/// The least of some rounds, so that pages which happen to be kept in one of them say nothing.
std::size_t least(std::span<const footprint> rounds_of, std::size_t footprint::*what) {
  return (*std::ranges::min_element(rounds_of, {}, what)).*what;
}

} // namespace

BOOST_AUTO_TEST_SUITE(soak)

BOOST_AUTO_TEST_CASE(under_mixed_traffic_memory_stays_flat_and_the_counts_add_up) {
  const std::chrono::seconds length{test::size_from_environment("HARPIA_SOAK_SECONDS", 60)};
  const test::watchdog limit{length + 100s, "a soak"};
  test::soak_counts counts;
  test::soak_server server{counts};
  std::vector<footprint> memory;
  for (std::size_t round = 0; round < rounds; ++round) {
    run_round(server, counts, round, std::chrono::milliseconds{length} / rounds);
    BOOST_TEST(counts.opened == counts.closed);
    memory.push_back(settled_memory());
    BOOST_TEST_MESSAGE("round " << round << ": in use " << memory.back().in_use / 1024 << " KiB, allocated "
                                << memory.back().allocated / 1024 << " KiB, " << counts.connections << " connections, "
                                << counts.sent + counts.published + counts.squeezed << " messages");
  }
  BOOST_TEST(counts.wrong == 0u);
  BOOST_TEST(counts.connections <= counts.opened); // a client that resets at once may never hear of its upgrade
  BOOST_TEST(counts.echoed == counts.sent);
  BOOST_TEST(counts.published_here == counts.published);
  BOOST_TEST(counts.squeezed > 0u);
  const auto refused = server.app.statistics();
  BOOST_TEST(refused.refused_full + refused.refused_address + refused.refused_handshakes + refused.refused_origins == 0u);
  const auto early = std::span{memory}.subspan(warm_up, compared);
  const auto late = std::span{memory}.last(compared);
  BOOST_TEST(least(late, &footprint::allocated) <= least(early, &footprint::allocated) + (128u << 10));
  BOOST_TEST(least(late, &footprint::in_use) <= least(early, &footprint::in_use) * 115 / 100);
}

BOOST_AUTO_TEST_SUITE_END()
