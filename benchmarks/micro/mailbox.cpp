// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// What a message between actors costs that are pinned to event loops, as connections are.
#include "caf_port/pinned_actor.hpp"

#include "net/event_loop.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/behavior.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <cstdint>
#include <thread>

namespace detail = harpia::detail;

namespace {

using namespace std::chrono_literals;

/// Passes numbers on to another, one less each time, until they are down to zero. A request is answered with nothing.
class counter final : public detail::pinned_actor {
public:
  using detail::pinned_actor::pinned_actor;

private:
  caf::behavior make_behavior() override {
    return {
        [this](const caf::actor& other) { other_ = other; },
        [this](std::int64_t left) {
          if (left > 0)
            send(other_, left - 1);
        },
    };
  }
  void on_exit() override { other_ = nullptr; }

  caf::actor other_;
};

/// An actor system with one event loop.
struct loop_with_actors {
  caf::actor spawn() {
    caf::actor_config made{&scheduler};
    return caf::actor_cast<caf::actor>(system.spawn_class<counter, caf::no_spawn_options>(made, scheduler));
  }
  void turn() { loop.turn(loop.now()); }

  caf::actor_system_config config;
  caf::actor_system system{config};
  harpia::net::event_loop loop;
  detail::loop_scheduler scheduler{system, loop};
};

/// From one actor of a loop to another of the same loop. Items are messages; the loop is driven by hand, so there is one thread.
void hop_on_a_loop(benchmark::State& state) {
  constexpr std::int64_t hops = 1000;
  loop_with_actors here;
  {
    const auto one = here.spawn();
    const auto other = here.spawn();
    caf::anon_send(one, other);
    caf::anon_send(other, one);
    for (auto _ : state) {
      caf::anon_send(one, hops - 1);
      do
        here.turn();
      while (here.loop.has_work());
    }
    state.SetItemsProcessed(state.iterations() * hops);
    caf::anon_send_exit(one, caf::exit_reason::kill);
    caf::anon_send_exit(other, caf::exit_reason::kill);
  }
  here.turn();
}
BENCHMARK(hop_on_a_loop);

/// A request from another thread to an actor of a loop that sleeps, and its answer: two hops, each of which wakes a thread.
void request_across_threads(benchmark::State& state) {
  loop_with_actors there;
  std::thread thread{[&] { there.loop.run(); }};
  {
    const auto asked = there.spawn();
    caf::scoped_actor self{there.system};
    for (auto _ : state)
      self->request(asked, 10s, std::int64_t{0}).receive([] {}, [&](const caf::error&) { state.SkipWithError("no answer"); });
    state.SetItemsProcessed(state.iterations());
    self->monitor(asked);
    caf::anon_send_exit(asked, caf::exit_reason::kill);
    self->receive([](const caf::down_msg&) {});
  }
  there.loop.stop();
  thread.join();
}
BENCHMARK(request_across_threads)->UseRealTime();

} // namespace
