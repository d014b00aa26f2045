// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// What waits for one peer: into the queue, together for the kernel, and forgotten as the kernel takes it.
#include "websocket/outbound_queue.hpp"
#include "websocket/frame.hpp"

#include <algorithm>
#include <array>
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/uio.h>

namespace websocket = harpia::websocket;

namespace {

/// Empties the queue as a kernel does that takes at most `most` bytes at a time.
void write_all(websocket::outbound_queue& queue, std::size_t most) {
  std::array<iovec, 64> pieces;
  while (!queue.empty()) {
    std::size_t gathered = 0;
    for (const auto& piece : queue.gather(pieces))
      gathered += piece.iov_len;
    queue.consume(std::min(gathered, most));
  }
}

/// Messages of one turn of the loop, which leave with one write.
void push_and_write(benchmark::State& state) {
  const auto messages = state.range(0);
  const std::string payload(static_cast<std::size_t>(state.range(1)), 'm');
  websocket::buffer_pool pool;
  websocket::outbound_queue queue{pool, {}};
  for (auto _ : state) {
    for (std::int64_t i = 0; i < messages; ++i)
      queue.push(harpia::message_view{payload});
    write_all(queue, std::size_t{1} << 20);
  }
  state.SetItemsProcessed(state.iterations() * messages);
  state.SetBytesProcessed(state.iterations() * messages * state.range(1));
}
BENCHMARK(push_and_write)->ArgNames({"messages", "bytes"})->Args({1, 20})->Args({64, 20})->Args({1, 16 << 10});

/// A peer that has fallen behind: most messages wait in the backlog, each by itself, and the kernel takes a little at a time.
void push_and_write_slowly(benchmark::State& state) {
  const std::string payload(1000, 'm');
  constexpr std::int64_t messages = 1000;
  websocket::buffer_pool pool;
  websocket::outbound_queue queue{pool, {}};
  for (auto _ : state) {
    for (std::int64_t i = 0; i < messages; ++i)
      queue.push(harpia::message_view{payload});
    write_all(queue, 10'000);
  }
  state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(push_and_write_slowly);

/// `on_limit::conflate`: quotes of 100 things for a peer that does not read, each in the place of the one before.
void conflate(benchmark::State& state) {
  const std::string payload(1000, 'm');
  std::array<std::string, 100> keys;
  for (std::size_t i = 0; i < keys.size(); ++i)
    keys[i] = "thing-" + std::to_string(i);
  websocket::buffer_pool pool;
  websocket::outbound_queue queue{pool, {.high_watermark = 1000, .low_watermark = 500, .on_limit = harpia::on_limit::conflate}};
  std::size_t next = 0;
  for (auto _ : state) {
    queue.push(harpia::message_view{payload}, {.key = keys[next]});
    next = (next + 1) % keys.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(conflate);

} // namespace
