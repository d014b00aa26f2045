// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/event_loop.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace net = harpia::net;
using net::interest;
using net::unique_fd;

namespace {

using namespace std::chrono_literals;

struct socket_pair {
  socket_pair() {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data()) == 0);
    ours.reset(both[0]);
    theirs.reset(both[1]);
  }
  void say(std::string_view what) const {
    BOOST_REQUIRE(::write(theirs.get(), what.data(), what.size()) == static_cast<ssize_t>(what.size()));
  }

  unique_fd ours;
  unique_fd theirs;
};

/// A watched socket that does what a test wants when something happens.
struct watcher final : net::io_handler, socket_pair {
  void on_io(interest ready) override {
    seen.push_back(ready);
    if (then)
      then();
  }
  std::string take() {
    std::array<char, 100> buffer{};
    const auto size = ::read(ours.get(), buffer.data(), buffer.size());
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  std::vector<interest> seen;
  std::function<void()> then;
};

struct called_timer final : net::timer {
  explicit called_timer(std::function<void()> what) : then{std::move(what)} {}
  void on_timer() override { then(); }
  std::function<void()> then;
};

struct flushed final : net::flushable {
  void on_flush() override {
    ++count;
    if (then)
      then();
  }
  int count = 0;
  std::function<void()> then;
};

struct owing_task final : net::background_task {
  [[nodiscard]] bool delays_stop() const noexcept override { return owes; }
  bool owes = true;
};

struct loop_fixture {
  net::event_loop loop;

  /// Lets everything that is under way happen, then goes on with `next`.
  void after_turns(int turns, std::function<void()> next) {
    if (turns == 0)
      next();
    else
      loop.post([this, turns, next = std::move(next)]() mutable { after_turns(turns - 1, std::move(next)); });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(event_loop, loop_fixture)

// By hand

BOOST_AUTO_TEST_CASE(a_turn_by_hand_fires_timers_runs_what_was_posted_and_flushes_at_the_time_it_is_given) {
  const net::event_loop::clock::time_point start{1h};
  net::event_loop driven{start};
  BOOST_TEST((driven.now() == start));
  std::vector<std::string> order;
  flushed dirty;
  dirty.then = [&] { order.emplace_back("flush"); };
  called_timer timer{[&] {
    order.emplace_back("timer");
    driven.post([&] { order.emplace_back(driven.is_this_thread() ? "posted, on its thread" : "posted, elsewhere"); });
    driven.flush_later(dirty);
  }};
  driven.timers().schedule(timer, start + 1s);
  BOOST_TEST(!driven.has_work());
  driven.turn(start + 900ms);
  BOOST_TEST(order.empty());
  driven.turn(start + 1s);
  BOOST_TEST(order == (std::vector<std::string>{"timer", "posted, on its thread", "flush"}), boost::test_tools::per_element());
  BOOST_TEST((driven.now() == start + 1s));
  BOOST_TEST(!driven.is_this_thread());
}

BOOST_AUTO_TEST_CASE(steps_make_the_same_rounds_as_a_turn_a_piece_at_a_time) {
  std::vector<std::string> order;
  const auto post_all = [&](net::event_loop& driven, flushed& dirty) {
    dirty.then = [&] { order.emplace_back("flush"); };
    driven.post([&] {
      order.emplace_back("first");
      driven.flush_later(dirty);
      driven.post([&] { order.emplace_back("of the next round"); });
    });
    driven.post([&] { order.emplace_back("second"); });
  };
  flushed dirty;
  post_all(loop, dirty);
  for (const auto done : std::initializer_list<std::size_t>{1, 2, 3, 4}) {
    BOOST_TEST(loop.has_work());
    loop.step(loop.now());
    BOOST_TEST(order.size() == done);
  }
  loop.step(loop.now()); // the second round's flush, of nothing
  BOOST_TEST(!loop.has_work());
  const auto in_steps = std::exchange(order, {});
  BOOST_TEST(in_steps == (std::vector<std::string>{"first", "second", "flush", "of the next round"}),
             boost::test_tools::per_element());
  post_all(loop, dirty);
  loop.turn(loop.now());
  BOOST_TEST(order == in_steps, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_turn_after_a_step_goes_on_where_that_has_stopped_and_what_is_left_is_discarded) {
  std::vector<std::string> order;
  const auto released = std::make_shared<int>();
  {
    net::event_loop driven;
    for (const auto* text : {"first", "second", "third"})
      driven.post([&order, text, released] { order.emplace_back(text); });
    driven.step(driven.now());
    driven.turn(driven.now());
    BOOST_TEST(order == (std::vector<std::string>{"first", "second", "third"}), boost::test_tools::per_element());
    for (const auto* text : {"fourth", "fifth"})
      driven.post([&order, text, released] { order.emplace_back(text); });
    driven.step(driven.now());
    BOOST_TEST(released.use_count() == 2);
  }
  BOOST_TEST(order.back() == "fourth");
  BOOST_TEST(released.use_count() == 1);
}

// Time

BOOST_AUTO_TEST_CASE(in_a_turn_now_stands_still_and_the_current_time_goes_on) {
  loop.post([&] {
    const auto began = loop.now();
    const auto first = loop.current_time();
    BOOST_TEST((first >= began));
    while (net::event_loop::clock::now() < first + 5ms) { // a handler that takes its time
    }
    BOOST_TEST((loop.now() == began));
    BOOST_TEST((loop.current_time() >= first + 5ms));
    loop.stop();
  });
  loop.run();
}

BOOST_AUTO_TEST_CASE(by_hand_the_current_time_is_the_one_that_is_given) {
  const net::event_loop::clock::time_point start{1h};
  net::event_loop driven{start};
  BOOST_TEST((driven.current_time() == start));
  int asked = 0;
  const auto ask = [&] {
    ++asked;
    BOOST_TEST((driven.current_time() == driven.now()));
  };
  driven.post(ask);
  driven.turn(start + 1s);
  BOOST_TEST((driven.current_time() == start + 1s));
  driven.post(ask);
  driven.step(start + 2s);
  BOOST_TEST((driven.current_time() == start + 2s));
  BOOST_TEST(asked == 2);
}

// Posting

BOOST_AUTO_TEST_CASE(posted_work_runs_in_order) {
  std::vector<int> order;
  for (int i = 0; i < 5; ++i)
    loop.post([&order, i] { order.push_back(i); });
  loop.post([&] {
    loop.post([&] { order.push_back(6); });
    loop.post([&] { loop.stop(); });
    order.push_back(5);
  });
  BOOST_TEST(order.empty());
  loop.run();
  const std::vector<int> expected{0, 1, 2, 3, 4, 5, 6};
  BOOST_TEST(order == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_running_thread_is_the_loops) {
  BOOST_TEST(!loop.is_this_thread());
  bool inside = false;
  bool other = true;
  loop.post([&] {
    inside = loop.is_this_thread();
    std::jthread{[&] { other = loop.is_this_thread(); }}.join();
    loop.stop();
  });
  loop.run();
  BOOST_TEST(inside);
  BOOST_TEST(!other);
  BOOST_TEST(!loop.is_this_thread());
}

BOOST_AUTO_TEST_CASE(work_from_many_threads_all_runs_each_threads_in_order) {
  constexpr int threads = 4;
  constexpr int each = 20'000;
  std::array<std::vector<int>, threads> seen;
  std::atomic<int> left = threads * each;
  std::vector<std::jthread> posters;
  for (int t = 0; t < threads; ++t)
    posters.emplace_back([&, t] {
      for (int i = 0; i < each; ++i)
        loop.post([&, t, i] {
          seen[static_cast<std::size_t>(t)].push_back(i);
          if (--left == 0)
            loop.stop();
        });
    });
  loop.run();
  for (const auto& one : seen) {
    BOOST_REQUIRE(one.size() == static_cast<std::size_t>(each));
    BOOST_TEST(std::is_sorted(one.begin(), one.end()));
  }
}

BOOST_AUTO_TEST_CASE(a_sleeping_loop_is_woken_by_a_post) {
  std::atomic<int> rounds = 0;
  std::jthread poster{[&] {
    for (int i = 1; i <= 200; ++i) { // each waits until the last has run, so the loop mostly sleeps
      loop.post([&] {
        ++rounds;
        rounds.notify_one();
      });
      rounds.wait(i - 1);
    }
    loop.stop();
  }};
  loop.run();
  BOOST_TEST(rounds.load() == 200);
}

BOOST_AUTO_TEST_CASE(what_is_posted_after_stop_is_discarded_with_the_loop) {
  auto held = std::make_shared<int>(0);
  {
    net::event_loop stopped;
    stopped.post([held] { ++*held; });
    stopped.post([&] { stopped.stop(); });
    stopped.run();
    BOOST_TEST(*held == 1);
    stopped.post([held] { ++*held; });
    BOOST_TEST(held.use_count() == 2);
  }
  BOOST_TEST(held.use_count() == 1);
  BOOST_TEST(*held == 1);
}

BOOST_AUTO_TEST_CASE(what_was_posted_before_stop_runs_before_run_returns) {
  int ran = 0;
  loop.post([&] {
    loop.stop();
    loop.post([&] { ++ran; });
  });
  loop.post([&] { ++ran; });
  loop.run();
  BOOST_TEST(ran == 2);
}

BOOST_AUTO_TEST_CASE(stop_before_run_lets_it_return_at_once) {
  loop.stop();
  loop.run();
}

BOOST_AUTO_TEST_CASE(stop_from_another_thread_wakes_the_loop) {
  std::jthread stopper;
  loop.post([&] { stopper = std::jthread{[&] { loop.stop(); }}; });
  loop.run();
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_a_background_task_that_delays_it) {
  auto& guest = loop.own(std::make_unique<owing_task>());
  called_timer paid{[&] { guest.owes = false; }};
  loop.timers().schedule(paid, loop.now() + 20ms);
  loop.stop(net::event_loop::clock::now() + 10s);
  loop.run();
  BOOST_TEST(!guest.owes);
}

BOOST_AUTO_TEST_CASE(a_stop_waits_no_longer_than_until_its_deadline) {
  auto& guest = loop.own(std::make_unique<owing_task>());
  loop.stop(net::event_loop::clock::now() + 20ms);
  loop.run();
  BOOST_TEST(guest.owes);
}

BOOST_AUTO_TEST_CASE(a_loop_that_posts_for_ever_starves_no_socket) {
  watcher socket;
  socket.then = [&] { loop.stop(); };
  loop.add(socket.ours.get(), socket, interest::readable);
  std::function<void()> again = [&] { loop.post([&] { again(); }); };
  loop.post([&] { again(); });
  loop.post([&] { socket.say("x"); });
  loop.run();
  BOOST_TEST(socket.seen.size() >= 1u);
  loop.remove(socket.ours.get());
}

// Descriptors

BOOST_AUTO_TEST_CASE(a_readable_descriptor_is_told_again_until_it_was_read) {
  watcher socket;
  socket.then = [&] {
    if (socket.seen.size() == 3) {
      BOOST_TEST(socket.take() == "hello");
      after_turns(100, [&] { loop.stop(); });
    }
  };
  loop.add(socket.ours.get(), socket, interest::readable);
  socket.say("hello");
  loop.run();
  BOOST_TEST(socket.seen.size() == 3u);
  for (const auto ready : socket.seen)
    BOOST_TEST((ready == interest::readable));
  loop.remove(socket.ours.get());
}

BOOST_AUTO_TEST_CASE(interest_says_what_is_told) {
  watcher socket;
  socket.say("hello");
  loop.add(socket.ours.get(), socket, interest::none);
  socket.then = [&] {
    switch (socket.seen.size()) {
      case 1: loop.modify(socket.ours.get(), socket, interest::writable); break;
      case 2: loop.modify(socket.ours.get(), socket, interest::both); break;
      default: loop.stop();
    }
  };
  loop.post([&] {
    BOOST_TEST(socket.seen.empty());
    loop.modify(socket.ours.get(), socket, interest::readable);
  });
  loop.run();
  BOOST_REQUIRE(socket.seen.size() == 3u);
  BOOST_TEST((socket.seen[0] == interest::readable));
  BOOST_TEST((socket.seen[1] == interest::writable));
  BOOST_TEST((socket.seen[2] == interest::both));
  loop.remove(socket.ours.get());
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_handed_over_is_told_to_its_new_owner_at_once) {
  watcher first;
  watcher second;
  first.say("hello");
  loop.add(first.ours.get(), first, interest::readable);
  first.then = [&] { loop.hand_over(first.ours.get(), second); };
  second.then = [&] {
    if (second.seen.size() == 2)
      loop.modify(first.ours.get(), first, interest::both);
    if (second.seen.size() == 2)
      first.then = [&] { loop.stop(); };
  };
  loop.run();
  BOOST_TEST(first.seen.size() == 2u);
  BOOST_TEST(second.seen.size() == 2u);
  BOOST_TEST((first.seen.back() == interest::both));
  loop.remove(first.ours.get());
}

BOOST_AUTO_TEST_CASE(a_hang_up_is_told_as_readable_whatever_was_wanted) {
  for (const auto wanted : {interest::readable, interest::none}) {
    net::event_loop own;
    watcher socket;
    socket.then = [&] { own.stop(); };
    own.add(socket.ours.get(), socket, wanted);
    socket.theirs.reset();
    own.run();
    BOOST_REQUIRE(!socket.seen.empty());
    BOOST_TEST(net::wants(socket.seen.front(), interest::readable));
    own.remove(socket.ours.get());
  }
}

BOOST_AUTO_TEST_CASE(a_removed_handler_hears_nothing_any_more_not_even_of_the_same_batch) {
  std::array<watcher, 10> sockets;
  int told = 0;
  for (auto& socket : sockets) {
    socket.say("x");
    socket.then = [&] {
      ++told;
      for (auto& each : sockets) // itself and all the others, whose events are known already
        loop.remove(each.ours.get());
    };
    loop.add(socket.ours.get(), socket, interest::readable);
  }
  after_turns(100, [&] { loop.stop(); });
  loop.run();
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_destroyed_by_another_of_the_same_batch) {
  auto first = std::make_unique<watcher>();
  auto second = std::make_unique<watcher>();
  int told = 0;
  const auto end_of = [&](std::unique_ptr<watcher>& other) {
    return [&] {
      ++told;
      loop.remove(other->ours.get());
      other.reset();
      loop.stop();
    };
  };
  first->then = end_of(second);
  second->then = end_of(first);
  for (auto* each : {first.get(), second.get()}) {
    each->say("x");
    loop.add(each->ours.get(), *each, interest::readable);
  }
  loop.run();
  BOOST_TEST(told == 1);
  BOOST_TEST((first == nullptr) != (second == nullptr));
}

BOOST_AUTO_TEST_CASE(what_the_kernel_refuses_is_thrown) {
  watcher socket;
  BOOST_CHECK_THROW(loop.add(-1, socket, interest::readable), std::system_error);
  BOOST_CHECK_THROW(loop.modify(socket.ours.get(), socket, interest::readable), std::system_error);
  loop.add(socket.ours.get(), socket, interest::readable);
  BOOST_CHECK_THROW(loop.add(socket.ours.get(), socket, interest::readable), std::system_error);
  loop.remove(socket.ours.get());
  loop.remove(socket.ours.get()); // of one that is gone already does nothing
}

// Timers

BOOST_AUTO_TEST_CASE(timers_fire_not_before_their_deadline) {
  const auto begin = net::event_loop::clock::now();
  std::vector<int> order;
  called_timer late{[&] {
    order.push_back(2);
    loop.stop();
  }};
  called_timer early{[&] { order.push_back(1); }};
  called_timer never{[&] { order.push_back(3); }};
  loop.timers().schedule(late, begin + 250ms);
  loop.timers().schedule(early, begin + 50ms);
  loop.timers().schedule(never, begin + 1h);
  loop.run();
  BOOST_TEST((net::event_loop::clock::now() - begin >= 250ms));
  const std::vector<int> expected{1, 2};
  BOOST_TEST(order == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(now_does_not_go_back_and_moves_with_the_turns) {
  const auto first = loop.now();
  called_timer timer{[&] { loop.stop(); }};
  loop.timers().schedule(timer, first + 100ms);
  loop.run();
  BOOST_TEST((loop.now() >= first + 100ms));
}

// Flushing

BOOST_AUTO_TEST_CASE(flushing_comes_once_at_the_end_of_the_turn) {
  flushed what;
  loop.post([&] {
    loop.flush_later(what);
    loop.flush_later(what);
  });
  loop.post([&] {
    loop.flush_later(what);
    BOOST_TEST(what.count == 0);
    after_turns(10, [&] { loop.stop(); });
  });
  loop.run();
  BOOST_TEST(what.count == 1);
}

BOOST_AUTO_TEST_CASE(what_is_flushed_may_ask_to_be_flushed_again) {
  flushed what;
  what.then = [&] {
    if (what.count < 3)
      loop.flush_later(what);
    else
      loop.stop();
  };
  loop.flush_later(what);
  loop.run();
  BOOST_TEST(what.count == 3);
}

BOOST_AUTO_TEST_CASE(the_forgotten_are_not_flushed) {
  auto first = std::make_unique<flushed>();
  auto second = std::make_unique<flushed>();
  flushed third;
  first->then = [&] { // while the list is gone through
    loop.forget(*second);
    second.reset();
    loop.forget(*first);
  };
  third.then = [&] { loop.stop(); };
  loop.forget(third); // was not asked for: nothing happens
  for (auto* each : {first.get(), second.get(), &third})
    loop.flush_later(*each);
  loop.run();
  BOOST_TEST(first->count == 1);
  BOOST_TEST(third.count == 1);
}

// Background tasks

namespace {

struct counted_task final : net::background_task {
  explicit counted_task(int& alive) : alive_{&alive} { ++*alive_; }
  ~counted_task() override {
    --*alive_;
    if (on_end)
      on_end();
  }
  std::function<void()> on_end;

private:
  int* alive_;
};

} // namespace

BOOST_AUTO_TEST_CASE(residents_live_until_they_are_evicted_or_the_loop_goes) {
  int alive = 0;
  {
    net::event_loop own;
    auto& first = own.own(std::make_unique<counted_task>(alive));
    auto& second = own.own(std::make_unique<counted_task>(alive));
    own.own(std::make_unique<counted_task>(alive));
    own.own(std::make_unique<counted_task>(alive));
    BOOST_TEST(alive == 4);
    own.destroy(second);
    own.destroy(first);
    BOOST_TEST(alive == 2);
  }
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_cleared_holds_nothing) {
  int alive = 0;
  const auto work = std::make_shared<int>(0);
  net::event_loop own;
  own.own(std::make_unique<counted_task>(alive)).on_end = [&] { own.post([work] { ++*work; }); };
  own.post([work] { ++*work; });
  own.post([work] { ++*work; });
  own.step(own.now()); // so that one of a round has run and the other not
  own.clear();
  BOOST_TEST(alive == 0);
  BOOST_TEST(*work == 1);
  BOOST_TEST(work.use_count() == 1);
  BOOST_TEST(!own.has_work());
}

BOOST_AUTO_TEST_CASE(a_background_task_that_ends_may_post_and_add_another) {
  int alive = 0;
  auto discarded = std::make_shared<int>(0);
  {
    net::event_loop own;
    auto& guest = own.own(std::make_unique<counted_task>(alive));
    guest.on_end = [&] {
      own.post([discarded] { ++*discarded; });
      own.own(std::make_unique<counted_task>(alive));
    };
  }
  BOOST_TEST(alive == 0);
  BOOST_TEST(*discarded == 0);
  BOOST_TEST(discarded.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
