// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Every system call of a server's life fails once, each in a life of its own.
#include "scenario.hpp"
#include "system_faults.hpp"

#include "support/open_descriptors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <system_error>

namespace faults = harpia::test::system_faults;
namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

/// Whether the app runs. One that could not start says why, and starts when nothing fails any more.
bool start(test::room& served, test::wire over) {
  const auto tls = over == test::wire::tls
                       ? harpia::tls_options{.cert = test::certificate("server.pem"), .key = test::certificate("server.key")}
                       : harpia::tls_options{};
  try {
    const faults::not_spared counting;
    served.start(2, tls);
    return true;
  } catch (const std::system_error& refused) {
    BOOST_TEST(refused.code().value() != 0);
    BOOST_TEST(!std::string{refused.what()}.empty());
  }
  faults::pause();
  BOOST_CHECK_NO_THROW(served.start(2, tls));
  return false;
}

/// A server's life, in which whatever was armed fails, and what must be true of it all the same.
void live(test::wire over) {
  const faults::spared own_thread;
  test::room served;
  served.app.stop_on_signals();
  test::scenario clients{served, over};
  const bool started = start(served, over);
  clients.converse();

  faults::pause();
  test::tolerant_peer fresh;
  fresh.connect(served.app.port(), over);
  fresh.step("fresh", [](test::raw_client& client) {
    BOOST_TEST(client.upgrade("/room").status == 101);
    BOOST_TEST(test::echoes(client));
  });
  BOOST_TEST(!fresh.is_lost());
  faults::resume();

  clients.end_most();
  BOOST_TEST(test::eventually([&] { return served.app.connections() <= 2; })); // the last one and the fresh one
  served.app.stop();
  clients.end_last();
  fresh.end();
  served.app.wait();
  faults::disarm();

  BOOST_TEST(clients.left_waiting() == "");
  BOOST_TEST(clients.lost() <= (started ? 1u : 0u)); // nobody pays for another's failure
  BOOST_TEST(clients.own_was_served);
  BOOST_TEST(served.opened == served.closed);
  BOOST_TEST(clients.own_opened == clients.own_closed);
  BOOST_TEST(served.app.connections() == 0u);
  BOOST_TEST(test::eventually([&] { return served.actors() == 0; }));
}

void every_call_fails_once(test::wire over, std::uint64_t variant) {
  harpia::app{}.stop_on_signals(); // the process keeps the descriptor by which it hears of signals
  const auto descriptors = test::open_descriptors();
  std::uint64_t n = 0;
  do {
    ++n;
    const test::watchdog limit{60s, "call " + std::to_string(n) + ": " + faults::last()};
    faults::fail_call(n, variant);
    BOOST_TEST_CONTEXT("call " << n << ", variant " << variant) {
      live(over);
      BOOST_TEST_INFO("failed: " << faults::last());
      BOOST_TEST(test::open_descriptors() == descriptors);
    }
  } while (faults::failed() > 0);
  BOOST_TEST_MESSAGE("variant " << variant << ": " << n - 1 << " calls failed");
  BOOST_TEST(n > 100u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(system_calls)

BOOST_AUTO_TEST_CASE(whichever_system_call_fails_costs_one_connection_at_most_or_the_start_says_why) {
  const auto variants = test::size_from_environment("HARPIA_FAULT_VARIANTS", 2);
  for (std::uint64_t variant = 0; variant < variants; ++variant)
    every_call_fails_once(test::wire::plain, variant);
}

BOOST_AUTO_TEST_CASE(nor_does_one_cost_more_over_tls) {
  const auto variants = test::size_from_environment("HARPIA_FAULT_VARIANTS", 1);
  for (std::uint64_t variant = 0; variant < variants; ++variant)
    every_call_fails_once(test::wire::tls, variant);
}

BOOST_AUTO_TEST_SUITE_END()
