// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// What a small message costs from the socket to user code, with handlers and with a behaviour: the whole server on one thread,
// its sockets in memory. The kit's part is the same for both, and small since many messages arrive at once.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <benchmark/benchmark.h>
#include <caf/behavior.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace {

constexpr std::int64_t burst = 1000;

void deliver(benchmark::State& state, const std::function<void(harpia::app&)>& declare, const std::int64_t& received) {
  harpia::testing::world world{declare};
  auto client = world.connect("/");
  std::string messages;
  for (std::int64_t i = 0; i < burst; ++i)
    messages += harpia::testing::client::encode({.payload = "twenty bytes of text"});
  for (auto _ : state)
    client.send_raw(messages);
  if (received != state.iterations() * burst)
    state.SkipWithError("messages were lost");
  state.SetItemsProcessed(received);
}

/// `handlers::message`: called in place, without a mailbox.
void callback(benchmark::State& state) {
  std::int64_t received = 0;
  deliver(
      state, [&](harpia::app& app) { app.ws("/", {.message = [&](auto&, harpia::message_view) { ++received; }}); }, received);
}
BENCHMARK(callback);

/// A CAF behaviour, which takes the message through CAF's matching.
void behaviour(benchmark::State& state) {
  std::int64_t received = 0;
  deliver(
      state,
      [&](harpia::app& app) {
        app.ws("/", [&](harpia::connection<harpia::no_data>*) -> caf::behavior {
          return {[&](const harpia::event::text&) { ++received; }};
        });
      },
      received);
}
BENCHMARK(behaviour);

} // namespace
