// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/access_log.hpp>
#include <harpia/actor_middleware.hpp>
#include <harpia/harpia.hpp>
#include <harpia/rate_limit.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [log]
harpia::middleware logged(std::shared_ptr<std::vector<std::string>> log) {
  return {
    .open = [log](harpia::socket_base& ws) { log->push_back("open " + std::string{ws.request().path()}); },
    .message = [log](harpia::socket_base&, harpia::message_view message, const harpia::next_handler& next) {
      log->push_back("message of " + std::to_string(message.size()) + " bytes");
      next(message);
    },
    .close = [log](harpia::socket_base&, harpia::close_code code, std::string_view) {
      log->push_back("close " + std::to_string(static_cast<int>(code)));
    },
  };
}
// [log]

void add_echo(harpia::app& app, std::string_view pattern) {
  app.ws(pattern, {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
}

// [attribute]
void add_accounts(harpia::app& app) {
  app.use("/accounts", {.upgrade = [](harpia::upgrade_base& request) {
    const auto key = request.request().header("X-Key");
    if (key != "secret")
      return request.reject(401);
    request.set_attribute("user", "Ann");
  }});
  app.ws("/accounts/:number", {.open = [](auto& ws) {
    ws.send("hello " + std::string{ws.request().attribute("user")});
  }});
}
// [attribute]

// [stamped]
harpia::middleware stamped() {
  return {.send = [](harpia::socket_base& ws, harpia::message_view message, const harpia::next_sender& next) {
    const auto text = "[" + std::string{ws.request().path()} + "] " + std::string{message.text()};
    return next(harpia::message_view{text});
  }};
}
// [stamped]

// [guard]
caf::behavior guard() {
  return {[](const harpia::upgrade_question& asked) -> harpia::upgrade_verdict {
    if (asked.request.query("token") != "right")
      return {.refuse_with = 401, .body = "unknown token"};
    return {.attributes = {{"user", "Ann"}}};
  }};
}

void add_guarded(harpia::app& app, const caf::actor& who) {
  app.use("/guarded", harpia::ask_about_upgrades(who, 2s));
  app.ws("/guarded", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
}
// [guard]

// [filter]
caf::behavior censor() {
  return {
    [](const harpia::event::text& message) -> harpia::filtered {
      if (message.view() == "rude")
        return {};  // goes no further
      return {.payload = message.str() + "!"};
    },
    [](const harpia::event::binary&) -> harpia::filtered { return {}; },
  };
}
// [filter]

} // namespace

BOOST_AUTO_TEST_SUITE(middleware)

BOOST_AUTO_TEST_CASE(a_layer_sees_what_goes_through) {
  const auto log = std::make_shared<strings>();
  testing::world world;
  auto& app = world.app();
  // [use]
  app.use(logged(log));  // around every route that comes after it
  app.ws("/echo", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  // [use]
  auto client = world.connect("/echo");
  client.send("hello");
  client.close();
  BOOST_TEST(client.received() == "hello");
  BOOST_TEST(*log == (strings{"open /echo", "message of 5 bytes", "close 1000"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(attributes_reach_the_handlers) {
  testing::world world{add_accounts};
  BOOST_TEST(world.connect("/accounts/7").refusal()->status == 401);
  BOOST_TEST(world.connect("/accounts/7", {.headers = {{"X-Key", "secret"}}}).received() == "hello Ann");
}

BOOST_AUTO_TEST_CASE(a_factory_makes_a_layer_for_each_connection) {
  testing::world world;
  auto& app = world.app();
  // [factory]
  app.use("/numbered", [] {
    return harpia::middleware{
      .message = [count = 0](harpia::socket_base&, harpia::message_view message,
                             const harpia::next_handler& next) mutable {
        const auto numbered = std::to_string(++count) + ". " + std::string{message.text()};
        next(harpia::message_view{numbered});
      },
    };
  });
  // [factory]
  add_echo(app, "/numbered");
  auto ann = world.connect("/numbered");
  auto bob = world.connect("/numbered");
  ann.send("a");
  ann.send("b");
  bob.send("c");
  BOOST_TEST(ann.received_all() == (strings{"1. a", "2. b"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received() == "1. c");
}

BOOST_AUTO_TEST_CASE(a_client_may_send_so_fast) {
  testing::world world;
  auto& app = world.app();
  // [rate]
  app.use("/chat", harpia::rate_limit({.rate = 10, .burst = 20}));  // messages per second, and at once
  // [rate]
  add_echo(app, "/chat");
  auto client = world.connect("/chat");
  for (int i = 0; i < 20; ++i)
    client.send("hello");
  BOOST_TEST(client.is_open());
  world.advance(1s);
  for (int i = 0; i < 11; ++i)
    client.send("hello");
  BOOST_TEST((client.closed().value().code == harpia::close_code::policy_violation));
}

BOOST_AUTO_TEST_CASE(a_layer_changes_what_is_sent) {
  testing::world world;
  world.app().use(stamped());
  add_echo(world.app(), "/news");
  auto client = world.connect("/news");
  client.send("rain");
  BOOST_TEST(client.received() == "[/news] rain");
}

BOOST_AUTO_TEST_CASE(connections_are_logged) {
  testing::world world;
  auto& app = world.app();
  strings lines;
  const auto write_line = [&](const std::string& line) { lines.push_back(line); };
  // [access_log]
  app.use(harpia::access_log([=](const harpia::access_record& record) {
    write_line(to_line(record));  // by several threads at once
  }));
  // [access_log]
  add_echo(app, "/chat");
  auto client = world.connect("/chat?token=secret");
  client.send("hi");
  client.close();
  BOOST_TEST(lines == strings{R"(client GET /chat 101 0.000s received 1/2 sent 1/2 published 0/0 1000 "")"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_actor_decides_on_upgrades) {
  testing::world world;
  add_guarded(world.app(), world.system().spawn(guard));
  BOOST_TEST(world.connect("/guarded?token=wrong").refusal()->status == 401);
  BOOST_TEST(world.connect("/guarded?token=right").received() == "Ann");
}

BOOST_AUTO_TEST_CASE(without_a_verdict_it_is_503) {
  testing::world world;
  add_guarded(world.app(), world.silent_actor());
  auto client = world.connect("/guarded?token=right");
  world.advance(2s);
  BOOST_TEST(client.refusal().value().status == 503);
}

BOOST_AUTO_TEST_CASE(an_actor_filters_messages) {
  testing::world world;
  auto& app = world.app();
  const auto who = world.system().spawn(censor);
  // [use_filter]
  app.use("/talk", harpia::filter_messages(who, 2s));
  // [use_filter]
  add_echo(app, "/talk");
  auto client = world.connect("/talk");
  client.send("hello");
  client.send("rude");
  client.send("bye");
  BOOST_TEST(client.received_all() == (strings{"hello!", "bye!"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
