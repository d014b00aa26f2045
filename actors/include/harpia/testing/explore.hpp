// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/testing/world.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace harpia::inline v0::testing {

/// A scenario has thrown an exception under some seed. That exception is nested, see `std::rethrow_if_nested`.
class scenario_failed : public std::runtime_error {
public:
  scenario_failed(std::uint64_t seed, const std::string& what);

  /// The seed that reproduces the failure: `explore(seed(), 1, scenario)`.
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

private:
  std::uint64_t seed_;
};

/// Runs `scenario` once per seed, each time in a new world, to cover many schedules.
///
/// A scenario fails by throwing: `BOOST_REQUIRE` throws, `BOOST_TEST` does not. To be reproducible, it must take everything from
/// its world and depend on nothing else that changes.
/// @param first_seed the seed of the first run; each further run adds 1
/// @param count number of runs
/// @param options for each world; `seed` is ignored
///
/// *Errors* Throws `scenario_failed` for the first seed whose scenario threw a `std::exception`. Any other exception is rethrown
/// as it is, after its seed was written to standard error.
void explore(std::uint64_t first_seed, std::size_t count, const std::function<void(world&)>& scenario,
             world_options options = {});

} // namespace harpia::inline v0::testing
