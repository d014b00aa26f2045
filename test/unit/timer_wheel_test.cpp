// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/timer_wheel.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace net = harpia::net;
using namespace std::chrono_literals;

namespace {

using time_point = net::timer_wheel::clock::time_point;

const time_point start = time_point{} + 12345ms;
constexpr auto turn = net::timer_wheel::resolution * net::timer_wheel::slot_count;

struct probe final : net::timer {
  explicit probe(std::function<void()> action = [] {}) : action_{std::move(action)} {}

  void on_timer() override {
    ++fired;
    action_();
  }

  int fired = 0;

private:
  std::function<void()> action_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(timer_wheel)

BOOST_AUTO_TEST_CASE(a_new_wheel_is_empty) {
  net::timer_wheel wheel{start};
  BOOST_TEST(wheel.empty());
  BOOST_TEST(wheel.size() == 0u);
  BOOST_TEST(!wheel.next().has_value());
  wheel.advance(start + 1h);
}

BOOST_AUTO_TEST_CASE(fires_once_and_never_early) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.schedule(timer, start + 250ms);
  BOOST_TEST(timer.scheduled());
  BOOST_TEST((wheel.next() == start + 300ms));
  wheel.advance(start + 250ms - 1ns);
  wheel.advance(start + 299ms);
  BOOST_TEST(timer.fired == 0);
  wheel.advance(start + 300ms);
  BOOST_TEST(timer.fired == 1);
  BOOST_TEST(!timer.scheduled());
  BOOST_TEST(wheel.empty());
  wheel.advance(start + 1h);
  BOOST_TEST(timer.fired == 1);
}

BOOST_AUTO_TEST_CASE(a_deadline_on_a_tick_is_not_rounded) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.schedule(timer, start + 200ms);
  BOOST_TEST((wheel.next() == start + 200ms));
  wheel.advance(start + 200ms);
  BOOST_TEST(timer.fired == 1);
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_fires_at_the_next_tick) {
  net::timer_wheel wheel{start};
  wheel.advance(start + 10s);
  probe late;
  probe ancient;
  wheel.schedule(late, start + 5s);
  wheel.schedule(ancient, time_point::min());
  BOOST_TEST((wheel.next() == start + 10s + 100ms));
  wheel.advance(start + 10s);
  BOOST_TEST(late.fired == 0);
  wheel.advance(start + 10s + 100ms);
  BOOST_TEST(late.fired == 1);
  BOOST_TEST(ancient.fired == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_time_is_a_valid_deadline) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.schedule(timer, time_point::max());
  wheel.advance(start + 24h * 365);
  BOOST_TEST(timer.fired == 0);
  BOOST_TEST(wheel.size() == 1u);
}

BOOST_AUTO_TEST_CASE(scheduling_again_moves_the_deadline) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.schedule(timer, start + 1s);
  wheel.schedule(timer, start + 2s);
  BOOST_TEST(wheel.size() == 1u);
  wheel.advance(start + 1s);
  BOOST_TEST(timer.fired == 0);
  wheel.advance(start + 2s);
  BOOST_TEST(timer.fired == 1);
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_does_not_fire) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.cancel(timer);
  wheel.schedule(timer, start + 1s);
  wheel.cancel(timer);
  wheel.cancel(timer);
  BOOST_TEST(wheel.empty());
  wheel.advance(start + 2s);
  BOOST_TEST(timer.fired == 0);
}

BOOST_AUTO_TEST_CASE(a_destroyed_timer_takes_itself_off) {
  net::timer_wheel wheel{start};
  {
    probe timer;
    wheel.schedule(timer, start + 1s);
    BOOST_TEST(wheel.size() == 1u);
  }
  BOOST_TEST(wheel.empty());
  BOOST_TEST(wheel.size() == 0u);
  wheel.advance(start + 2s);
}

BOOST_AUTO_TEST_CASE(a_timer_may_outlive_its_wheel) {
  probe timer;
  {
    net::timer_wheel wheel{start};
    wheel.schedule(timer, start + 1s);
  }
  BOOST_TEST(!timer.scheduled());
  BOOST_TEST(timer.fired == 0);
}

BOOST_AUTO_TEST_CASE(a_deadline_beyond_one_turn_waits_for_its_round) {
  net::timer_wheel wheel{start};
  probe near;
  probe far;
  wheel.schedule(near, start + 1s);
  wheel.schedule(far, start + 3 * turn + 1s);
  for (auto now = start; now < start + 3 * turn + 1s; now += 100ms) {
    wheel.advance(now);
    BOOST_REQUIRE(far.fired == 0);
    BOOST_REQUIRE((wheel.next() <= start + 3 * turn + 1s));
  }
  BOOST_TEST(near.fired == 1);
  wheel.advance(start + 3 * turn + 1s);
  BOOST_TEST(far.fired == 1);
}

BOOST_AUTO_TEST_CASE(a_long_pause_fires_everything_due_and_nothing_else) {
  net::timer_wheel wheel{start};
  probe before;
  probe after;
  wheel.schedule(before, start + 1h);
  wheel.schedule(after, start + 24h * 365 * 20);
  wheel.advance(start + 24h * 365 * 10); // a loop over ticks would take three thousand million steps
  BOOST_TEST(before.fired == 1);
  BOOST_TEST(after.fired == 0);
}

BOOST_AUTO_TEST_CASE(a_long_pause_fires_nothing_early) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.schedule(timer, start + 2 * turn + 100ms);
  wheel.advance(start + 2 * turn); // visits every slot, that of the timer too
  BOOST_TEST(timer.fired == 0);
  wheel.advance(start + 2 * turn + 100ms);
  BOOST_TEST(timer.fired == 1);
}

BOOST_AUTO_TEST_CASE(time_that_runs_backwards_changes_nothing) {
  net::timer_wheel wheel{start};
  probe timer;
  wheel.advance(start + 10s);
  wheel.schedule(timer, start + 11s);
  wheel.advance(start - 1h);
  wheel.advance(start + 5s);
  BOOST_TEST(timer.fired == 0);
  BOOST_TEST((wheel.next() == start + 11s));
}

BOOST_AUTO_TEST_CASE(a_handler_may_schedule_its_own_timer_again) {
  net::timer_wheel wheel{start};
  auto now = start;
  probe timer{[&] { wheel.schedule(timer, now + 1s); }};
  wheel.schedule(timer, now + 1s);
  for (int i = 0; i < 5; ++i)
    wheel.advance(now += 1s);
  BOOST_TEST(timer.fired == 5);
  BOOST_TEST(timer.scheduled());
}

BOOST_AUTO_TEST_CASE(what_a_handler_schedules_for_now_waits_for_a_later_call) {
  net::timer_wheel wheel{start};
  probe timer{[&] { wheel.schedule(timer, start); }};
  wheel.schedule(timer, start);
  wheel.advance(start + 10s);
  BOOST_TEST(timer.fired == 1);
  BOOST_TEST((wheel.next() == start + 10s + 100ms));
}

BOOST_AUTO_TEST_CASE(a_handler_may_cancel_move_and_destroy_timers_that_are_due_as_well) {
  net::timer_wheel wheel{start};
  std::vector<std::unique_ptr<probe>> timers(4);
  int fired = 0;
  // Whichever fires first disposes of the three others, each in another way.
  for (std::size_t i = 0; i < timers.size(); ++i) {
    timers[i] = std::make_unique<probe>([&, i] {
      ++fired;
      wheel.cancel(*timers[(i + 1) % 4]);
      wheel.schedule(*timers[(i + 2) % 4], start + 1h);
      timers[(i + 3) % 4].reset();
    });
    wheel.schedule(*timers[i], start + (i + 1) * 100ms);
  }
  wheel.advance(start + 1s);
  BOOST_TEST(fired == 1);
  BOOST_TEST(wheel.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_handler_may_destroy_its_own_timer) {
  net::timer_wheel wheel{start};
  struct suicidal final : net::timer {
    void on_timer() override { delete this; } // NOLINT: what a connection does when it ends inside its own time-out
  };
  wheel.schedule(*new suicidal, start + 1s);
  wheel.schedule(*new suicidal, start + 1s);
  wheel.advance(start + 2s);
  BOOST_TEST(wheel.empty());
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_delays_the_others_to_the_next_call) {
  net::timer_wheel wheel{start};
  probe bad{[] { throw std::runtime_error{"bad"}; }};
  probe good;
  wheel.schedule(bad, start + 1s);
  wheel.schedule(good, start + 2s);
  BOOST_CHECK_THROW(wheel.advance(start + 3s), std::runtime_error);
  BOOST_TEST(bad.fired + good.fired >= 1);
  BOOST_TEST(!wheel.empty());
  BOOST_TEST((wheel.next() <= start + 3s));
  wheel.advance(start + 3s);
  BOOST_TEST(good.fired == 1);
  BOOST_TEST(wheel.empty());
}

BOOST_AUTO_TEST_CASE(agrees_with_an_ordered_map_on_random_operations) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    const auto below = [&](unsigned limit) { return std::uniform_int_distribution<unsigned>{0, limit - 1}(random); };

    constexpr std::size_t timer_count = 64;
    net::timer_wheel wheel{start};
    auto now = start;
    std::vector<std::size_t> fired;
    std::vector<std::unique_ptr<probe>> timers;
    for (std::size_t i = 0; i < timer_count; ++i)
      timers.push_back(std::make_unique<probe>([&fired, i] { fired.push_back(i); }));

    std::multimap<time_point, std::size_t> model; // when a timer fires at the earliest -> which
    const auto forget = [&](std::size_t i) { std::erase_if(model, [i](const auto& entry) { return entry.second == i; }); };
    const auto tick_after = [](time_point time) { return start + ((time - start) / 100ms + 1) * 100ms; };
    const auto tick_from = [&](time_point time) { return tick_after(time - 1ns); };

    for (int step = 0; step < 3000; ++step) {
      const auto i = std::size_t{below(timer_count)};
      switch (below(8)) {
        case 0:
          wheel.cancel(*timers[i]);
          forget(i);
          break;
        case 1:
          timers[i] = std::make_unique<probe>([&fired, i] { fired.push_back(i); });
          forget(i);
          break;
        case 2:
        case 3: {
          constexpr unsigned pauses[] = {50, 1'000, 20'000, 200'000};
          now += std::chrono::milliseconds{below(pauses[below(4)])};
          fired.clear();
          wheel.advance(now);
          std::vector<std::size_t> expected;
          const auto end = model.upper_bound(now);
          for (auto entry = model.begin(); entry != end; ++entry)
            expected.push_back(entry->second);
          model.erase(model.begin(), end);
          std::sort(expected.begin(), expected.end());
          std::sort(fired.begin(), fired.end());
          BOOST_REQUIRE_EQUAL_COLLECTIONS(fired.begin(), fired.end(), expected.begin(), expected.end());
          break;
        }
        default: {
          constexpr unsigned delays[] = {300, 10'000, 60'000, 300'000};
          const auto deadline = now + std::chrono::microseconds{below(1000)} + std::chrono::milliseconds{below(delays[below(4)])};
          wheel.schedule(*timers[i], deadline);
          forget(i);
          model.emplace(std::max(tick_from(deadline), tick_after(now)), i);
          break;
        }
      }
      BOOST_REQUIRE_EQUAL(wheel.size(), model.size());
      BOOST_REQUIRE_EQUAL(wheel.empty(), model.empty());
      if (!model.empty()) {
        BOOST_REQUIRE((wheel.next() > now));
        BOOST_REQUIRE((wheel.next() <= model.begin()->first));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
