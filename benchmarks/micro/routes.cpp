// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// How long it takes to find a route among 10,000, which is done once for each connection.
#include "routing/route_table.hpp"

#include <benchmark/benchmark.h>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace routing = harpia::routing;

namespace {

constexpr std::size_t routes = 10'000;

/// Names spread over 100 services, so that neither the first segment nor the second is all there is to tell routes apart.
std::string service(std::size_t number) {
  return "/service-" + std::to_string(number % 100) + "/resource-" + std::to_string(number / 100);
}

enum class kind : std::size_t { literal, param, tail };
constexpr std::size_t kinds = 3;

/// A table in which the kinds of patterns take turns.
routing::route_table<std::size_t> mixed_table() {
  static constexpr std::string_view endings[] = {"/feed", "/:id/feed", "/files/*"};
  routing::route_table<std::size_t> table;
  for (std::size_t number = 0; number < routes; ++number)
    table.insert(routing::pattern::parse(service(number) + std::string{endings[number % kinds]}), number);
  return table;
}

/// Finds every route of one kind in turn, so that no lookup has the last one's nodes in the cache.
void find(benchmark::State& state, kind wanted, std::string_view ending) {
  const auto table = mixed_table();
  std::vector<std::string> paths;
  for (auto number = static_cast<std::size_t>(wanted); number < routes; number += kinds)
    paths.push_back(service(number) + std::string{ending});
  std::size_t next = 0;
  for (auto _ : state) {
    const auto found = table.find(paths[next]);
    if (!found)
      return state.SkipWithError("a route was not found");
    benchmark::DoNotOptimize(found->value);
    next = next + 1 < paths.size() ? next + 1 : 0;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(find, literal, kind::literal, "/feed");
BENCHMARK_CAPTURE(find, param, kind::param, "/42/feed");
BENCHMARK_CAPTURE(find, tail, kind::tail, "/files/css/site.css");

/// What a scanner asks for: the path fails at its last segment.
void find_nothing(benchmark::State& state) {
  const auto table = mixed_table();
  const auto path = service(0) + "/42/nothing";
  for (auto _ : state)
    benchmark::DoNotOptimize(table.find(path).has_value());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_nothing);

} // namespace
