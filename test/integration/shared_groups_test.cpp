// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/memory_engine.hpp>
#include <harpia/testing/world.hpp>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using harpia::engine_state;
using harpia::message_view;
using harpia::publish_outcome;
using harpia::publish_status;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

/// A route whose connections join "room" and publish what they get: to all members, those that begin with "." to the others only.
void add_room(harpia::app& app) {
  app.ws("/", {.open = [](auto& ws) { ws.subscribe("room"); },
               .message =
                   [](auto& ws, message_view message) {
                     const auto to = message.text().starts_with('.') ? harpia::audience::others : harpia::audience::everyone;
                     ws.publish("room", message, {.audience = to});
                   }});
}

/// Two nodes of a fleet.
struct fixture {
  explicit fixture(harpia::engine_options options = {}) : engine{std::move(options)} {
    for (auto* each : {&one, &other})
      each->emplace(add_room,
                    testing::world_options{.app = {.engine = engine, .log = [this](const harpia::log_record& record) {
                                                     log.push_back(std::string{record.event} + ": " + std::string{record.what});
                                                   }}});
  }
  /// Runs both until neither has anything to do.
  void run() {
    for (int i = 0; i < 20; ++i) {
      one->run();
      other->run();
    }
  }
  void advance(std::chrono::milliseconds time) {
    for (auto left = time; left.count() > 0; left -= 100ms) {
      one->advance(100ms);
      other->advance(100ms);
      run();
    }
  }
  /// Publishes on a node, and waits for the receipt.
  harpia::receipt publish(testing::world& node, std::string_view text, harpia::publish_options options = {}) {
    std::optional<harpia::receipt> sum;
    options.on_receipt = [&sum](const harpia::receipt& told) { sum = told; };
    node.app().publish("room", text, std::move(options));
    run();
    return sum.value();
  }

  strings log;
  harpia::memory_engine engine;
  std::optional<testing::world> one;
  std::optional<testing::world> other;
};

} // namespace

BOOST_AUTO_TEST_SUITE(shared_groups)

BOOST_FIXTURE_TEST_CASE(members_on_all_nodes_get_what_is_published_on_any, fixture) {
  auto ann = one->connect("/");
  auto bob = other->connect("/");
  run();
  BOOST_TEST((one->app().engine_state() == engine_state::ready));
  ann.send("from ann");
  run();
  bob.send("from bob");
  run();
  BOOST_TEST(ann.received_all() == (strings{"from ann", "from bob"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received_all() == (strings{"from ann", "from bob"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_publisher_is_left_out_if_it_says_so_and_no_other_member_of_its_node, fixture) {
  auto ann = one->connect("/");
  auto also_here = one->connect("/");
  auto bob = other->connect("/");
  run();
  ann.send(".to others");
  run();
  BOOST_TEST(ann.received_all().empty());
  BOOST_TEST(also_here.received_all() == (strings{".to others"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received_all() == (strings{".to others"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(whoever_subscribes_and_then_publishes_gets_the_message, fixture) {
  auto ann = one->connect("/");
  ann.send("at once");
  run();
  BOOST_TEST(ann.received_all() == (strings{"at once"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_publish_reaches_the_engine_although_nobody_here_is_a_member, fixture) {
  one->start();
  auto bob = other->connect("/");
  run();
  const auto sum = publish(*one, "hello");
  BOOST_TEST(bob.received() == "hello");
  BOOST_TEST((sum.outcome == publish_outcome::stored));
  BOOST_TEST(sum.accepted == 0u);
  BOOST_TEST(sum.at.value().offset == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_receipt_has_the_outcome_the_position_and_the_sums_of_this_node, fixture) {
  auto ann = one->connect("/");
  auto also_here = one->connect("/");
  auto bob = other->connect("/");
  run();
  const auto first = publish(*one, "one");
  const auto second = publish(*one, "two");
  BOOST_TEST(first.accepted == 2u);
  BOOST_TEST((first.outcome == publish_outcome::stored));
  BOOST_TEST(first.nodes == 2u);
  BOOST_TEST((first.at.value() < second.at.value()));
  const auto again = publish(*other, "three", {.unique = "an order"});
  const auto doubled = publish(*one, "three", {.unique = "an order"});
  BOOST_TEST((doubled.outcome == publish_outcome::duplicate));
  BOOST_TEST((doubled.at == again.at));
  BOOST_TEST(bob.received_all() == (strings{"one", "two", "three"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(groups_are_shared_by_name) {
  fixture nodes{{.groups = {"fleet/*", "room"}}};
  strings local;
  auto ann = nodes.one->connect("/");
  auto bob = nodes.other->connect("/");
  nodes.run();
  std::optional<harpia::receipt> sum;
  const auto status =
      nodes.one->app().publish("here", "text", {.on_receipt = [&sum](const harpia::receipt& told) { sum = told; }});
  BOOST_TEST((status == publish_status::sent));
  BOOST_TEST((sum.value().outcome == publish_outcome::local));
  BOOST_TEST((nodes.publish(*nodes.one, "shared").outcome == publish_outcome::stored));
}

BOOST_FIXTURE_TEST_CASE(what_is_published_while_the_engine_is_away_waits_and_comes_in_order, fixture) {
  auto ann = one->connect("/");
  auto bob = other->connect("/");
  run();
  engine.go_away();
  run();
  BOOST_TEST((one->app().engine_state() == engine_state::away));
  BOOST_TEST((one->app().publish("room", "first") == publish_status::pending));
  BOOST_TEST((one->app().publish("room", "second") == publish_status::pending));
  run();
  BOOST_TEST(one->app().statistics().engine.pending == 2u);
  BOOST_TEST(ann.received_all().empty());
  engine.come_back();
  advance(2s);
  BOOST_TEST((one->app().engine_state() == engine_state::ready));
  BOOST_TEST(ann.received_all() == (strings{"first", "second"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received_all() == (strings{"first", "second"}), boost::test_tools::per_element());
  BOOST_TEST(one->app().statistics().engine.pending == 0u);
  BOOST_TEST(std::ranges::count(log, "engine: the engine of shared groups is away") == 2);
}

BOOST_AUTO_TEST_CASE(too_much_that_waits_is_refused_and_what_waits_for_too_long_expires) {
  std::vector<engine_state> states;
  fixture nodes{
      {.max_pending = 2, .max_pending_age = 10s, .on_state = [&states](engine_state state) { states.push_back(state); }}};
  nodes.engine.go_away();
  nodes.one->start();
  nodes.run();
  std::vector<publish_outcome> outcomes;
  const auto publish = [&] {
    return nodes.one->app().publish(
        "room", "text", {.on_receipt = [&outcomes](const harpia::receipt& sum) { outcomes.push_back(sum.outcome); }});
  };
  BOOST_TEST((publish() == publish_status::pending));
  BOOST_TEST((publish() == publish_status::pending));
  BOOST_TEST((publish() == publish_status::refused));
  nodes.advance(9s);
  BOOST_TEST(outcomes.empty());
  nodes.advance(2s);
  BOOST_TEST((outcomes == std::vector{publish_outcome::expired, publish_outcome::expired}));
  BOOST_TEST((publish() == publish_status::pending));
  nodes.engine.come_back();
  nodes.advance(2s);
  BOOST_TEST((outcomes.back() == publish_outcome::stored));
  BOOST_TEST((states.back() == engine_state::ready));
}

BOOST_AUTO_TEST_CASE(members_learn_that_the_engine_has_forgotten_messages) {
  std::vector<std::pair<std::string, harpia::reset_reason>> resets;
  fixture nodes{{.on_reset = [&resets](std::string_view group, harpia::reset_reason why) { resets.emplace_back(group, why); }}};
  auto ann = nodes.one->connect("/");
  auto bob = nodes.other->connect("/");
  nodes.run();
  nodes.publish(*nodes.one, "one");
  nodes.publish(*nodes.one, "two");
  nodes.engine.restart_empty();
  nodes.advance(2s);
  nodes.publish(*nodes.other, "three");
  BOOST_TEST(ann.received_all() == (strings{"one", "two", "three"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received_all() == (strings{"one", "two", "three"}), boost::test_tools::per_element());
  BOOST_TEST(resets.size() == 2u); // one for each node
  BOOST_TEST(nodes.one->app().statistics().engine.resets == 1u);
}

BOOST_FIXTURE_TEST_CASE(messages_that_were_missed_while_connections_were_cut_are_filled_in, fixture) {
  auto ann = one->connect("/");
  auto bob = other->connect("/");
  run();
  for (int i = 0; i < 20; ++i) {
    ann.send("message " + std::to_string(i));
    if (i % 5 == 0)
      engine.cut();
    run();
  }
  advance(3s);
  const auto at_ann = ann.received_all();
  BOOST_TEST(at_ann.size() == 20u);
  BOOST_TEST(bob.received_all() == at_ann, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_app_that_stops_gives_every_publish_its_outcome) {
  std::vector<publish_outcome> outcomes;
  {
    fixture nodes;
    nodes.one->start();
    nodes.run();
    nodes.engine.go_away();
    nodes.run();
    nodes.one->app().publish(
        "room", "text", {.on_receipt = [&outcomes](const harpia::receipt& sum) { outcomes.push_back(sum.outcome); }});
    nodes.one->stop();
    BOOST_TEST((nodes.one->app().publish("room", "late") == publish_status::refused));
  }
  BOOST_TEST((outcomes == std::vector{publish_outcome::expired}));
}

BOOST_AUTO_TEST_CASE(options_of_engines_are_checked) {
  const auto refused = [](harpia::engine_options options) -> std::string {
    try {
      harpia::app app{{.engine = harpia::memory_engine{std::move(options)}}};
    } catch (const std::invalid_argument& why) {
      return why.what();
    }
    return "not refused";
  };
  BOOST_TEST(refused({.groups = {}}) == "'groups' of an engine names no group, so the engine would have nothing to do");
  BOOST_TEST(refused({.groups = {"a*b"}})
             == "'groups' of an engine has 'a*b': a name, or the beginning of names followed by one '*'");
  BOOST_TEST(refused({.history_ttl = 0ms}) == "'history_ttl' of an engine must be positive");
  BOOST_TEST(refused({.max_pending = 0}).starts_with("'max_pending', "));
  BOOST_TEST(refused({}) == "not refused");
}

BOOST_AUTO_TEST_CASE(an_app_without_an_engine_has_local_groups) {
  testing::world world{add_room};
  auto ann = world.connect("/");
  BOOST_TEST((world.app().engine_state() == engine_state::none));
  BOOST_TEST((world.app().publish("room", "text") == publish_status::sent));
  BOOST_TEST(ann.received() == "text");
}

BOOST_AUTO_TEST_CASE(all_nodes_see_one_order_and_miss_nothing_under_many_schedules) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    BOOST_TEST_CONTEXT("seed " << seed) {
      const harpia::memory_engine engine;
      std::vector<std::unique_ptr<testing::world>> nodes;
      for (std::uint64_t number = 0; number < 3; ++number)
        nodes.push_back(std::make_unique<testing::world>(
            add_room, testing::world_options{.loops = 2, .app = {.engine = engine}, .seed = seed * 3 + number}));
      const auto advance = [&nodes](int steps) {
        for (; steps > 0; --steps)
          for (const auto& each : nodes)
            each->advance(100ms);
      };
      std::vector<testing::client> clients;
      for (const auto& each : nodes)
        clients.push_back(each->connect("/"));
      advance(10);
      for (int i = 0; i < 5; ++i)
        for (auto& each : clients) {
          each.send(std::to_string(i));
          if (i == 2)
            engine.cut();
        }
      advance(50);
      const auto first = clients[0].received_all();
      BOOST_TEST(first.size() == 15u);
      BOOST_TEST(clients[1].received_all() == first, boost::test_tools::per_element());
      BOOST_TEST(clients[2].received_all() == first, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(apps_with_threads_share_groups) {
  harpia::memory_engine engine;
  std::vector<std::unique_ptr<harpia::app>> apps;
  for (int i = 0; i < 3; ++i) {
    auto& app = *apps.emplace_back(std::make_unique<harpia::app>(harpia::app_options{.engine = engine}));
    add_room(app);
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  }
  constexpr int messages = 100;
  std::atomic<int> received = 0;
  std::vector<harpia::client> clients;
  for (const auto& app : apps)
    clients.push_back(harpia::connect(
        *app, "ws://127.0.0.1:" + std::to_string(app->port()) + "/",
        {.open =
             [](auto& ws) {
               for (int i = 0; i < messages; ++i)
                 ws.send(std::to_string(i));
             },
         .message = [&received](auto&, message_view) { ++received; }}));
  // Each client gets all that were published after its group stood, its own among them.
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (received < 3 * messages && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  BOOST_TEST(received >= 3 * messages);
  for (const auto& app : apps) {
    app->stop();
    app->wait();
    BOOST_TEST(app->statistics().engine.pending == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
