// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// One system call in a hundred fails, at random, while clients come, talk and go. HARPIA_FAULT_SECONDS and HARPIA_FAULT_SEED change how
// long, and which.
#include "scenario.hpp"
#include "system_faults.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <future>
#include <random>
#include <string>
#include <vector>

namespace faults = harpia::test::system_faults;
namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

struct luck {
  std::size_t served = 0;
  std::size_t lost = 0;
  std::string left_waiting = {};
};

void talk(test::raw_client& client, std::size_t number) {
  for (std::size_t i = 0; i < number % 20; ++i) {
    const auto said = std::to_string(i) + std::string(i * number % 30'000, 'x');
    if (!test::echoes(client, said))
      throw std::runtime_error{"not what was sent"};
  }
  client.send_close(1000);
  (void)client.read_close();
}

luck come_and_talk(std::uint16_t port, const std::atomic<bool>& over) {
  const faults::spared own_thread;
  luck so_far;
  for (std::size_t number = 0; !over; ++number) {
    test::tolerant_peer peer;
    peer.connect(port, test::wire::plain);
    peer.step("upgrade", [](test::raw_client& client) {
      if (client.upgrade("/room").status != 101)
        throw std::runtime_error{"refused"};
    });
    peer.step("talk", [&](test::raw_client& client) { talk(client, number); });
    ++(peer.is_lost() ? so_far.lost : so_far.served);
    if (!peer.left_waiting().empty())
      so_far.left_waiting = peer.left_waiting();
  }
  return so_far;
}

/// Lets clients of harpia's own talk over the same faults, from their side as well.
std::vector<harpia::client> own_clients(test::room& served, std::atomic<std::size_t>& open) {
  std::vector<harpia::client> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(harpia::connect<harpia::no_data>(
        served.app, "ws://127.0.0.1:" + std::to_string(served.app.port()) + "/room",
        {.open =
             [&](auto& ws) {
               ++open;
               ws.send("own");
             },
         .message = [](auto& ws, harpia::message_view message) { ws.send(message); },
         .close = [&](auto&, harpia::close_code, std::string_view) { --open; }},
        {.reconnect = {.initial = 10ms, .max = 100ms}}));
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(random_errors)

BOOST_AUTO_TEST_CASE(a_server_goes_on_while_one_system_call_in_a_hundred_fails) {
  const std::chrono::seconds length{test::size_from_environment("HARPIA_FAULT_SECONDS", 5)};
  const auto seed = test::size_from_environment("HARPIA_FAULT_SEED", std::random_device{}());
  const test::watchdog limit{length + 60s, "random errors of seed " + std::to_string(seed)};
  BOOST_TEST_CONTEXT("HARPIA_FAULT_SEED=" << seed) {
    const faults::spared own_thread;
    test::room served;
    served.start();
    std::atomic<std::size_t> own_open = 0;
    const auto own = own_clients(served, own_open);
    std::atomic<bool> over = false;
    faults::fail_randomly(seed, 100);
    std::vector<std::future<luck>> parts;
    for (int i = 0; i < 8; ++i)
      parts.push_back(std::async(std::launch::async, come_and_talk, served.app.port(), std::cref(over)));
    parts.front().wait_for(length); // which is not over before
    over = true;
    luck all;
    for (auto& each : parts) {
      const auto part = each.get();
      BOOST_TEST(part.left_waiting == "");
      all.served += part.served;
      all.lost += part.lost;
    }
    faults::disarm();
    BOOST_TEST_MESSAGE("seed " << seed << ": " << faults::counted() << " calls, " << faults::failed() << " failed; " << all.served
                               << " clients served, " << all.lost << " lost");
    BOOST_TEST(all.served > 0u);
    BOOST_TEST(faults::failed() > 0u);

    auto fresh = served.connect();
    BOOST_TEST(test::echoes(fresh));
    fresh.close();
    for (const auto& each : own)
      each.close();
    BOOST_TEST(test::eventually([&] { return own_open == 0 && served.app.connections() == 0 && served.actors() == 0; }));
    BOOST_TEST(served.opened == served.closed);
    served.app.stop();
    served.app.wait();
  }
}

BOOST_AUTO_TEST_SUITE_END()
