// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/explore.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

struct fixture {
  fixture() { world.start(); }

  /// A client of the application that writes down what it sees.
  harpia::client connect(std::string_view url, harpia::client_options options = {}) {
    options.on_failure = [this](const harpia::error& why) { seen.emplace_back(why.what()); };
    return harpia::connect(
        world.app(), url,
        harpia::handlers<no_data>{
            .open = [this](auto&) { seen.emplace_back("open"); },
            .message = [this](auto&, message_view message) { seen.emplace_back(message.text()); },
            .close = [this](auto&, close_code code,
                            std::string_view) { seen.push_back("close " + std::to_string(static_cast<int>(code))); },
        },
        std::move(options));
  }
  strings take_seen() {
    world.run();
    return std::exchange(seen, {});
  }

  strings seen;
  testing::world world;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(kit_servers, fixture)

BOOST_AUTO_TEST_CASE(a_client_of_the_application_talks_to_a_server_that_the_test_plays) {
  auto server = world.listen("backend:8080");
  const auto client =
      connect("ws://backend:8080/feed?of=tea", {.headers = {{"Authorization", "secret"}}, .subprotocols = {"v2", "v1"}});
  BOOST_TEST(server.waiting() == 1);
  BOOST_TEST(!client.is_open());
  auto end = server.accept({{"Sec-WebSocket-Protocol", "v1"}});
  BOOST_TEST(end.opening().target() == "/feed?of=tea");
  BOOST_TEST(end.opening().header("Host").value() == "backend:8080");
  BOOST_TEST(end.opening().header("Authorization").value() == "secret");
  end.send("hello");
  BOOST_TEST(take_seen() == (strings{"open", "hello"}), boost::test_tools::per_element());
  BOOST_TEST((client.send("and hello to you") == harpia::send_status::sent));
  BOOST_TEST(end.received() == "and hello to you");
  end.ping("are you there");
  BOOST_TEST(end.received_pong() == "are you there");
  client.close(close_code{4000}, "enough");
  BOOST_REQUIRE(end.closed());
  BOOST_TEST((end.closed()->code == close_code{4000}));
  BOOST_TEST(end.closed()->reason == "enough");
  BOOST_TEST(take_seen() == strings{"close 4000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_address_that_nobody_plays_refuses_and_the_client_comes_again) {
  const auto client = connect("ws://backend", {.reconnect = {.initial = 1s, .factor = 1, .jitter = 0}});
  BOOST_TEST(take_seen() == strings{"ws://backend/ cannot be reached: Connection refused"}, boost::test_tools::per_element());
  auto server = world.listen("backend");
  BOOST_TEST(server.waiting() == 0);
  world.advance(1100ms);
  BOOST_TEST(server.waiting() == 1);
  auto end = server.accept();
  BOOST_TEST(take_seen() == strings{"open"}, boost::test_tools::per_element());
  client.close();
}

BOOST_AUTO_TEST_CASE(a_client_connects_again_after_each_fault) {
  auto server = world.listen("backend");
  const auto client = connect("ws://backend", {.reconnect = {.initial = 1s, .factor = 1, .jitter = 0}});
  auto first = server.accept();
  first.reset();
  BOOST_TEST(take_seen() == (strings{"open", "close 1006"}), boost::test_tools::per_element());
  world.advance(1100ms);
  auto second = server.accept();
  second.send_frame({.opcode = 3});
  BOOST_TEST(take_seen() == (strings{"open", "close 1002"}), boost::test_tools::per_element());
  world.advance(1100ms);
  server.refuse(503);
  BOOST_TEST(take_seen().size() == 1); // why it was refused
  world.advance(1100ms);
  auto third = server.accept();
  third.vanish();
  BOOST_TEST(take_seen() == strings{"open"}, boost::test_tools::per_element());
  world.advance(121s); // the idle_timeout
  BOOST_TEST(take_seen().front() == "close 1006");
  client.close();
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_resets_those_who_wait) {
  {
    auto server = world.listen("backend");
    const auto client = connect("ws://backend", {.reconnect = {.when = harpia::reconnect::never}});
    BOOST_TEST(server.waiting() == 1);
  }
  BOOST_TEST(take_seen().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_server_is_strict_about_what_a_client_sends) {
  BOOST_CHECK_THROW(std::ignore = world.listen("backend").accept(), std::runtime_error);
  auto server = world.listen("backend");
  BOOST_CHECK_THROW(std::ignore = world.listen("backend"), std::invalid_argument);
  BOOST_CHECK_THROW(server.refuse(404), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(wss_is_spoken_without_its_tls) {
  auto server = world.listen("backend");
  const auto client = connect("wss://backend");
  auto end = server.accept();
  BOOST_TEST(client.is_open());
  client.close();
  BOOST_TEST((end.closed()->code == close_code::normal));
}

BOOST_AUTO_TEST_CASE(clients_of_the_application_reconnect_alike_under_one_seed) {
  const auto times = [](std::uint64_t seed) {
    std::vector<std::chrono::steady_clock::duration> result;
    testing::world any{testing::world_options{.seed = seed}};
    any.start();
    const auto client = harpia::connect(any.app(), "ws://nowhere", harpia::handlers<no_data>{},
                                        {.on_failure = [&](const harpia::error&) { result.push_back(any.now()); }});
    any.advance(60s);
    return result;
  };
  const auto some = times(1);
  BOOST_TEST(some.size() > 3);
  BOOST_TEST((times(1) == some));
  BOOST_TEST((times(2) != some));
}

BOOST_AUTO_TEST_SUITE_END()
