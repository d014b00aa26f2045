// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A message to a group: from `publish` into the outbound queue of every member on one loop, without sockets.
#include "groups/group_home.hpp"
#include "groups/group_shard.hpp"

#include "net/event_loop.hpp"
#include "routing/topic_index.hpp"
#include "websocket/frame.hpp"
#include "websocket/outbound_queue.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstddef>
#include <deque>
#include <string>
#include <sys/uio.h>

namespace detail = harpia::detail;
namespace websocket = harpia::websocket;

namespace {

/// What of a connection takes part in a broadcast.
struct member final : detail::group_member {
  member(detail::group_shard& where, websocket::buffer_pool& pool) : shard{&where}, out{pool, {}} {
    shard->subscribe(*this, subscriptions, "all");
  }
  ~member() { shard->unsubscribe_all(*this, subscriptions); }
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  void deliver(const detail::publication& message, harpia::receipt& sum) override {
    if (out.push(message.frame) == harpia::send_status::sent)
      ++sum.accepted;
  }
  caf::strong_actor_ptr actor() override { return nullptr; }

  /// As a kernel that has room.
  void write() {
    std::array<iovec, 4> pieces;
    while (!out.empty()) {
      std::size_t taken = 0;
      for (const auto& piece : out.gather(pieces))
        taken += piece.iov_len;
      out.consume(taken);
    }
  }

  detail::group_shard* shard;
  detail::group_shard::subscriptions subscriptions;
  websocket::outbound_queue out;
};

/// Publishes from outside of the loop, lets it deliver and has every member write. Items are deliveries.
void publish(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(1)), 'm');
  websocket::buffer_pool buffers;
  harpia::net::event_loop loop;
  const auto shared = std::make_shared<detail::group_directory>();
  auto& directory = *shared;
  detail::group_shard shard{loop, directory};
  std::deque<member> members;
  for (int i = 0; i < state.range(0); ++i)
    members.emplace_back(shard, buffers);
  const auto all = directory.get("all");
  const auto publish_once = [&] {
    all->publish(websocket::make_frame(harpia::message_view{payload}));
    loop.turn(loop.now());
    for (auto& each : members)
      each.write();
  };
  publish_once(); // the first takes its buffers from the system
  for (auto _ : state)
    publish_once();
  if (all->dropped() != 0)
    state.SkipWithError("deliveries were refused");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(publish)->ArgNames({"members", "bytes"})->Args({1, 64})->Args({100, 64})->Args({10'000, 64})->Args({100, 16 << 10});

/// A member joins and leaves a group beside others, on a loop that has many groups.
void join_and_leave(benchmark::State& state) {
  harpia::routing::topic_index<int, int> index;
  std::deque<decltype(index)::subscriptions> others(1000);
  int someone = 0;
  for (std::size_t i = 0; i < others.size(); ++i)
    index.subscribe(someone, others[i], "room-" + std::to_string(i % 500));
  decltype(index)::subscriptions own;
  for (auto _ : state) {
    index.subscribe(someone, own, "room-250");
    index.unsubscribe(own, "room-250");
  }
  state.SetItemsProcessed(state.iterations());
  for (std::size_t i = 0; i < others.size(); ++i)
    index.unsubscribe(others[i], "room-" + std::to_string(i % 500));
}
BENCHMARK(join_and_leave);

} // namespace
