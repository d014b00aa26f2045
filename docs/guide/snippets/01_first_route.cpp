// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace testing = harpia::testing;

namespace {

// [route]
struct visitor {
  std::string name;
  int messages = 0;
};

void add_greeter(harpia::app& app) {
  app.ws<visitor>("/greet", {
    .open = [](auto& ws) {
      ws.data.name = ws.request().query("name").value_or("somebody");
      ws.send("Welcome, " + ws.data.name + "!");
    },
    .message = [](auto& ws, harpia::message_view message) {
      ++ws.data.messages;
      if (message.text() == "bye")
        return ws.close(harpia::close_code::normal, "see you");
      ws.send(ws.data.name + " says " + std::string{message.text()});
    },
    .close = [](auto& ws, harpia::close_code code, std::string_view) {
      std::cout << ws.data.name << " said " << ws.data.messages << " things and left with "
                << static_cast<int>(code) << '\n';
    },
  });
}
// [route]

// [serve]
int serve(harpia::app& app, std::uint16_t port) {
  add_greeter(app);
  return app.listen({.port = port, .hostname = "127.0.0.1"}, [&app] {
    std::cout << "listening on " << app.address() << '\n';
  });
}
// [serve]

} // namespace

BOOST_AUTO_TEST_SUITE(first_route)

BOOST_AUTO_TEST_CASE(the_greeter_greets) {
  testing::world world{add_greeter};
  auto ann = world.connect("/greet?name=Ann");
  BOOST_TEST(ann.received() == "Welcome, Ann!");
  ann.send("hello");
  BOOST_TEST(ann.received() == "Ann says hello");
  ann.send("bye");
  BOOST_REQUIRE(ann.closed());
  BOOST_TEST((ann.closed()->code == harpia::close_code::normal));
  BOOST_TEST(ann.closed()->reason == "see you");
}

BOOST_AUTO_TEST_CASE(the_server_listens_until_it_is_stopped) {
  harpia::app app;
  std::jthread stopper{[&app] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (app.port() == 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    app.stop();
  }};
  BOOST_TEST(serve(app, 0) == 0);
}

BOOST_AUTO_TEST_CASE(a_request_tells_what_it_holds) {
  testing::world world;
  auto& app = world.app();
  // [request]
  app.ws("/rooms/:room", {.open = [](auto& ws) {
    const harpia::request& request = ws.request();
    ws.send(request.path());                                 // "/rooms/tea%20house"
    ws.send(request.param("room"));                          // "tea house": decoded
    ws.send(request.query("name").value_or("somebody"));     // decoded as well
    ws.send(request.header("User-Agent").value_or("none"));  // the name in any case
    ws.send(request.cookie("session").value_or("none"));
  }});
  // [request]
  auto client = world.connect("/rooms/tea%20house?name=Ann+B", {.headers = {{"user-agent", "guide"}, {"Cookie", "session=7"}}});
  BOOST_TEST(client.received_all() == (std::vector<std::string>{"/rooms/tea%20house", "tea house", "Ann B", "guide", "7"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_upgrade_is_decided_on_before_the_101) {
  testing::world world;
  auto& app = world.app();
  // [upgrade]
  app.ws<visitor>("/members", {
    .upgrade = [](auto& request) {
      const auto name = request.request().query("name");
      if (!name)
        return request.reject(401, "a name is needed");
      request.data.name = *name;
    },
    .open = [](auto& ws) { ws.send("hello " + ws.data.name); },
  });
  // [upgrade]
  BOOST_TEST(world.connect("/members").refusal()->status == 401);
  BOOST_TEST(world.connect("/members?name=Ann").received() == "hello Ann");
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_fails_its_own_connection) {
  testing::world world;
  auto& app = world.app();
  std::string log;
  // [error]
  app.ws("/fragile", {
    .message = [](auto& ws, harpia::message_view message) {
      ws.send(std::to_string(std::stoi(std::string{message.text()}) * 2));
    },
    .error = [&log](auto&, const harpia::error& what) { log = what.what(); },
  });
  // [error]
  auto client = world.connect("/fragile");
  auto other = world.connect("/fragile");
  client.send("21");
  BOOST_TEST(client.received() == "42");
  client.send("what?");
  BOOST_TEST((client.closed().value().code == harpia::close_code::internal_error));
  BOOST_TEST(log.find("the handler 'message' of route '/fragile' threw") == 0);
  other.send("1");
  BOOST_TEST(other.received() == "2");
}

BOOST_AUTO_TEST_SUITE_END()
