// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_fixture.hpp"

#include "support/event_log.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace test = harpia::test;
using harpia::send_status;

using namespace test::clients;
using namespace std::chrono_literals;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(client_actors, test::clients::fixture)

BOOST_AUTO_TEST_CASE(clients_of_a_system_share_one_loop) {
  std::mutex mutex;
  std::set<std::thread::id> threads; // guarded by mutex
  auto callbacks = logging(log);
  callbacks.open = [&](auto&) {
    const std::scoped_lock lock{mutex};
    threads.insert(std::this_thread::get_id());
    log.add("open");
  };
  const auto first = harpia::connect(*system, url(), callbacks);
  const auto second = harpia::connect(*system, url(), callbacks);
  log.wait_for("open", 2);
  first.close();
  BOOST_TEST(has_ended(first));
  BOOST_TEST((second.send("still here") == send_status::sent));
  server_log.wait_for("message: still here");
  second.close();
  BOOST_TEST(has_ended(second));
  const auto third = harpia::connect(*system, url(), callbacks);
  log.wait_for("open", 3);
  system.reset(); // before what its handlers refer to
  BOOST_TEST(threads.size() == 1u);
  BOOST_TEST(threads.count(std::this_thread::get_id()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_system_that_ends_closes_its_clients_with_1001) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  system.reset();
  const lines expected{"open", "close 1001: "};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  server_log.wait_for("close 1001: ");
  // The handle outlives it.
  BOOST_TEST((peer.send("x") == send_status::closed));
  BOOST_TEST(!peer.is_open());
  peer.close();
  BOOST_TEST(!as_actor(peer));
}

BOOST_AUTO_TEST_CASE(a_system_ends_whatever_its_clients_are_doing) {
  const harpia::net::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  const auto address = "ws://" + silent.address();
  for (const auto& to : {url(), url("/nowhere"), address, "ws://localhost:1"s, "ws://nowhere..at-all"s}) {
    (void)harpia::connect(*system, to, logging(log), {.reconnect = soon});
    (void)harpia::connect(*system, to, logging(log), {.reconnect = {.initial = 1min, .max = 1min}});
    (void)harpia::connect(*system, to, logging(log), {.reconnect = never});
  }
  log.wait_for("open");
  system.reset();
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_system_ends_though_a_server_does_not_answer_its_close_frame) {
  bare_server deaf;
  const auto peer = harpia::connect(*system, deaf.url(), logging(log));
  const auto silent = deaf.accept();
  log.wait_for("open");
  system.reset();
  log.wait_for("close 1001");
}

BOOST_AUTO_TEST_CASE(its_actor_speaks_for_the_present_connection) {
  const auto answer = [this](const harpia::client& to) {
    caf::scoped_actor self{*system};
    auto code = caf::sec::none;
    self->request(as_actor(to), test::time_limit, "hello"s)
        .receive([] {}, [&](const caf::error& why) { code = static_cast<caf::sec>(why.code()); });
    return to_string(code);
  };
  const auto absent = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log));
  log.wait_for("failure");
  BOOST_TEST(answer(absent) == to_string(caf::sec::request_receiver_down));
  const auto present = harpia::connect(*system, url(), logging(log));
  log.wait_for("open");
  BOOST_TEST(answer(present) == to_string(caf::sec::unexpected_message)); // the connection's own
}

BOOST_AUTO_TEST_CASE(its_actor_ends_it_when_it_is_told_to_exit_or_killed) {
  for (const auto reason : {caf::exit_reason::user_shutdown, caf::exit_reason::kill}) {
    test::event_log its;
    const auto peer = harpia::connect(*system, url(), logging(its), {.reconnect = soon});
    its.wait_for("open");
    caf::anon_send_exit(as_actor(peer), reason);
    its.wait_for(reason == caf::exit_reason::kill ? "close 1006" : "close 1001");
    BOOST_TEST(has_ended(peer));
    BOOST_TEST(!peer.is_open());
    BOOST_TEST(its.count("open") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(an_app_runs_clients_on_its_loops_and_shares_its_groups_with_them) {
  harpia::app relay{{.stop_timeout = 300ms}};
  BOOST_CHECK_THROW((void)harpia::connect(relay, url(), logging(log)), std::logic_error);
  relay.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  auto callbacks = logging(log);
  callbacks.open = [this](auto& ws) {
    ws.subscribe("everybody");
    log.add("open");
  };
  const auto first = harpia::connect(relay, url(), callbacks, {.reconnect = soon});
  const auto second = harpia::connect(relay, url(), callbacks, {.reconnect = soon});
  log.wait_for("open", 2);
  relay.publish("everybody", "hello");
  log.wait_for("text: hello", 2); // sent to the server, and echoed
  BOOST_TEST(relay.connections() == 0u);
  relay.stop();
  relay.wait();
  BOOST_TEST(log.count("close 1001") == 2u);
  BOOST_TEST(log.count("open") == 2u);
  BOOST_TEST(!first.is_open());
  BOOST_CHECK_THROW((void)harpia::connect(relay, url(), logging(log)), std::logic_error);
}

BOOST_AUTO_TEST_CASE(an_app_ends_whatever_its_clients_are_doing) {
  const harpia::net::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  for (const auto& to : {url(), url("/nowhere"), "ws://" + silent.address(), "ws://localhost:1"s}) {
    harpia::app relay{{.stop_timeout = 300ms}};
    relay.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
    (void)harpia::connect(relay, to, logging(log), {.reconnect = soon});
    (void)harpia::connect(relay, to, logging(log), {.reconnect = {.initial = 1min, .max = 1min}});
  }
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_client_can_have_a_behaviour) {
  auto peer = harpia::connect(*system, url(), [this](harpia::connection<harpia::no_data>* self) -> caf::behavior {
    return {
        [=](harpia::event::opened) { self->send("hello"); },
        [=, this](const harpia::event::text& message) {
          log.add("got " + message.str());
          self->quit();
        },
        [this](const harpia::event::closed& end) { log.add("closed " + std::to_string(static_cast<int>(end.code))); },
    };
  });
  log.wait_for("got ");
  log.wait_for("closed 1000");
  BOOST_TEST((peer.send("gone") == harpia::send_status::closed));
}

BOOST_AUTO_TEST_SUITE_END()
