// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/coroutine.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/pool.hpp>
#include <harpia/testing/world.hpp>

#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

struct user {
  std::string name;
};

// [conversation]
void add_quiz(harpia::app& app) {
  app.ws<user>("/quiz", [](harpia::socket<user>& ws) -> harpia::task {
    ws.send("your name?");
    const auto name = co_await ws.receive();
    if (!name)
      co_return;  // the connection has ended
    ws.data.name = name->text();
    for (int points = 0; points < 3; ++points) {
      ws.send("2 + " + std::to_string(points) + "?");
      const auto answer = co_await ws.receive();
      if (!answer || answer->text() != std::to_string(2 + points)) {
        ws.send("no, " + ws.data.name);
        co_return;  // closes with 1000
      }
    }
    ws.send("well done, " + ws.data.name);
  });
}
// [conversation]

struct move {
  int column = 0;
};
BOOST_DESCRIBE_STRUCT(move, (), (column))

void add_moves(harpia::app& app) {
  // [typed]
  app.ws("/moves", [](harpia::socket<harpia::no_data>& ws) -> harpia::task {
    while (const auto made = co_await ws.receive(harpia::json<move>))
      ws.send("column " + std::to_string(made->column));
  });
  // [typed]
}

using seats_atom = caf::atom_constant<caf::atom("seats")>;

void add_booking(harpia::app& app, const caf::actor& bookings) {
  // [ask]
  app.ws("/book", {.message = [bookings](auto& ws, harpia::message show) -> harpia::task {
    const auto seats = co_await harpia::ask<int>(bookings, 2s, seats_atom::value, show.text());
    if (seats)
      ws.send(std::to_string(*seats) + " seats");
    else
      ws.send("not now");  // seats.error() says why: caf::sec::request_timeout, …
  }});
  // [ask]
}

void add_feed(harpia::app& app) {
  // [drained]
  app.ws("/export", {.message = [](auto& ws, harpia::message) -> harpia::task {
    for (int row = 0; row < 1000; ++row)
      if (ws.send("row " + std::to_string(row)) == harpia::send_status::buffered)
        co_await ws.drained();
    ws.send("done");
  }});
  // [drained]
}

// [subtask]
harpia::subtask<bool> confirms(harpia::socket_base& ws, std::string question) {
  const auto reply = co_await ws.call(question, 30s);
  co_return reply && reply.value().text() == "yes";
}

void add_shop(harpia::app& app) {
  app.ws("/shop", {.message = [](auto& ws, harpia::message order) -> harpia::task {
    const bool confirmed = co_await confirms(ws, "buy " + order.text() + "?");
    if (!confirmed)
      co_return;
    co_await harpia::sleep(2s);  // it may be cancelled until then
    ws.send(order.text() + " is on its way");
  }}, {.calls = harpia::calls::enabled});
}
// [subtask]

std::string load_profile(const std::string& name) {
  if (name.empty())
    throw std::invalid_argument{"nobody has no name"};
  return name + ", since 2019";
}

void add_profiles(harpia::app& app, harpia::pool& database) {
  // [pool]
  app.ws("/profiles", {.message = [&database](auto& ws, harpia::message name) -> harpia::task {
    const auto load = [name] { return load_profile(name.text()); };
    try {
      const auto profile = co_await database.run(load);
      ws.send(profile);
    } catch (const std::invalid_argument& refused) {
      ws.send("error: " + std::string{refused.what()});
    }
  }});
  // [pool]
}

} // namespace

BOOST_AUTO_TEST_SUITE(coroutines)

BOOST_AUTO_TEST_CASE(a_route_is_one_coroutine) {
  testing::world world;
  add_quiz(world.app());
  auto client = world.connect("/quiz");
  for (const auto* each : {"ann", "2", "3", "4"})
    client.send(each);
  BOOST_TEST(client.received_all() == (strings{"your name?", "2 + 0?", "2 + 1?", "2 + 2?", "well done, ann"}), boost::test_tools::per_element());
  BOOST_TEST((client.closed().value().code == harpia::close_code::normal));
}

BOOST_AUTO_TEST_CASE(values_are_received) {
  testing::world world;
  add_moves(world.app());
  auto client = world.connect("/moves");
  client.send(R"({"column":3})");
  BOOST_TEST(client.received() == "column 3");
}

BOOST_AUTO_TEST_CASE(actors_are_asked) {
  testing::world world;
  const auto bookings = world.system().spawn([]() -> caf::behavior {
    return {[](seats_atom, const std::string& show) { return static_cast<int>(show.size()); }};
  });
  add_booking(world.app(), bookings);
  auto client = world.connect("/book");
  client.send("hamlet");
  BOOST_TEST(client.received() == "6 seats");
}

BOOST_AUTO_TEST_CASE(a_slow_reader_is_waited_for) {
  testing::world world;
  add_feed(world.app());
  auto client = world.connect("/export", {.kernel_buffer = 100});
  client.send("go");
  BOOST_TEST(client.received_all().size() == 1001u);
}

// [test]
BOOST_AUTO_TEST_CASE(an_order_is_confirmed_and_sent_two_seconds_later) {
  testing::world world;
  add_shop(world.app());
  auto client = world.connect("/shop");
  client.send("tea");
  BOOST_TEST(client.received() == "call 1\nbuy tea?");
  client.send("reply 1\nyes");
  world.advance(2100ms);
  BOOST_TEST(client.received() == "tea is on its way");
}
// [test]

BOOST_AUTO_TEST_CASE(work_is_awaited) {
  harpia::pool database{1};
  harpia::app app;
  add_profiles(app, database);
  app.start({.hostname = "127.0.0.1"});
  std::promise<strings> got;
  auto client = harpia::connect(app, "ws://127.0.0.1:" + std::to_string(app.port()) + "/profiles", [&got](harpia::socket<harpia::no_data>& ws) -> harpia::task {
    strings answers;
    for (const auto* name : {"ann", ""}) {
      ws.send(name);
      const auto answer = co_await ws.receive();
      answers.push_back(answer->text());
    }
    got.set_value(answers);
  });
  BOOST_TEST(got.get_future().get() == (strings{"ann, since 2019", "error: nobody has no name"}), boost::test_tools::per_element());
  app.stop();
  app.wait();
}

BOOST_AUTO_TEST_SUITE_END()
