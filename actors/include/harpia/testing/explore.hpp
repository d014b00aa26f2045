// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/testing/world.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace harpia::testing {

/// A scenario has thrown under some schedule; what it threw is nested (`std::rethrow_if_nested`).
class scenario_failed : public std::runtime_error {
public:
  scenario_failed(std::uint64_t seed, const std::string& what);

  /// `explore(seed(), 1, scenario)` makes it fail again.
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

private:
  std::uint64_t seed_;
};

/// Runs `scenario` in a fresh world for each of `count` seeds from `first_seed` on, and so under as many schedules.
///
/// A scenario fails by an exception: `BOOST_REQUIRE` throws, `BOOST_TEST` does not. It must get everything it uses from its world and
/// depend on nothing else that changes, so that the same seed shows the same.
/// @param options for each world; its seed is not looked at
/// @throws scenario_failed for the first seed that failed with a `std::exception`; whatever else was thrown is passed on, with the
/// seed written to standard error
void explore(std::uint64_t first_seed, std::size_t count, const std::function<void(world&)>& scenario,
             world_options options = {});

} // namespace harpia::testing
