// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/explore.hpp>

#include <exception>
#include <iostream>

namespace harpia::inline v0::testing {

scenario_failed::scenario_failed(std::uint64_t seed, const std::string& what)
    : std::runtime_error{"under seed " + std::to_string(seed) + ": " + what}, seed_{seed} {}

void explore(std::uint64_t first_seed, std::size_t count, const std::function<void(world&)>& scenario, world_options options) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto seed = first_seed + i;
    options.seed = seed;
    try {
      world fresh{options};
      scenario(fresh);
    } catch (const std::exception& failure) {
      std::throw_with_nested(scenario_failed{seed, failure.what()});
    } catch (...) { // such as Boost.Test's BOOST_REQUIRE, which needs its exception unchanged
      std::cerr << "harpia: the scenario failed under seed " << seed << '\n';
      throw;
    }
  }
}

} // namespace harpia::inline v0::testing
