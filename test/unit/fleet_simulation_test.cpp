// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/fleet_simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace fleet = harpia::fleet;
using namespace harpia::test;

namespace {

constexpr std::uint64_t seeds = 2000;

constexpr fault_rates everything{
    .lost_push = 5, .cut = 10, .fail_over = 3, .restart = 1, .error_reply = 10, .swallow = 3, .away = 1, .kill = 2};

/// Runs seeds and requires that each keeps all promises.
void keeps_all_promises(const simulation_options& how, std::uint64_t count) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    simulation run{seed, how};
    run.run();
    for (const auto& each : run.violations())
      BOOST_ERROR("seed " << seed << ": " << each);
    BOOST_REQUIRE(run.violations().empty());
  }
}

/// How many of some seeds break a promise.
std::size_t broken(simulation_options how) {
  how.chain = simulation_options::chain::bypassed;
  std::size_t count = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    simulation run{seed, how};
    run.run();
    count += run.violations().empty() ? 0u : 1u;
  }
  return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fleet_simulation)

BOOST_AUTO_TEST_CASE(without_faults_nothing_is_lost_or_reset) {
  keeps_all_promises({}, 100);
}

BOOST_AUTO_TEST_CASE(lost_pushes_are_filled) {
  keeps_all_promises({.faults = {.lost_push = 20}}, 200);
}

BOOST_AUTO_TEST_CASE(cut_connections_lose_and_double_nothing) {
  keeps_all_promises({.faults = {.cut = 20}}, 200);
}

BOOST_AUTO_TEST_CASE(a_history_that_has_forked_is_found_out) {
  keeps_all_promises({.faults = {.fail_over = 10}}, 200);
}

BOOST_AUTO_TEST_CASE(an_engine_that_has_forgotten_all_is_a_reset) {
  keeps_all_promises({.faults = {.restart = 10}}, 200);
}

BOOST_AUTO_TEST_CASE(errors_at_any_place_of_a_pipeline_keep_the_order) {
  keeps_all_promises({.faults = {.error_reply = 100}}, 200);
}

BOOST_AUTO_TEST_CASE(swallowed_bytes_are_noticed) {
  keeps_all_promises({.faults = {.swallow = 10}}, 200);
}

BOOST_AUTO_TEST_CASE(nodes_that_die_harm_no_others) {
  keeps_all_promises({.faults = {.kill = 10}}, 200);
}

BOOST_AUTO_TEST_CASE(under_all_faults_together_every_promise_is_kept) {
  keeps_all_promises({.faults = everything}, seeds);
}

// The checker is worth nothing if it would not notice

BOOST_AUTO_TEST_CASE(without_chain_and_fill_promises_are_broken) {
  BOOST_TEST(broken({}) == 0u); // nothing fails, so nothing is missed
  BOOST_TEST(broken({.faults = {.lost_push = 20}}) > 40u);
  BOOST_TEST(broken({.faults = {.cut = 20}}) > 40u);
  BOOST_TEST(broken({.faults = {.fail_over = 10}}) > 40u);
}

BOOST_AUTO_TEST_SUITE_END()
