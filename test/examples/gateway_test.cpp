// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "07_gateway/gateway.hpp"

#include <harpia/testing/explore.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;

namespace {

using namespace std::chrono_literals;

struct fixture {
  fixture() { gateway::add_routes(world.app(), "ws://backend:8080"); }

  testing::world world;
  testing::server backend = world.listen("backend:8080");
};

void require(bool holds, const std::string& promise) {
  if (!holds)
    throw std::runtime_error{promise};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(gateway, fixture)

BOOST_AUTO_TEST_CASE(each_client_has_a_connection_of_its_own_with_its_path_and_query) {
  auto ann = world.connect("/tea?name=Ann");
  auto bob = world.connect("/coffee");
  BOOST_TEST(backend.waiting() == 2);
  auto for_ann = backend.accept();
  auto for_bob = backend.accept();
  BOOST_TEST(for_ann.opening().target() == "/tea?name=Ann");
  BOOST_TEST(for_bob.opening().target() == "/coffee");
  ann.send("two lumps");
  BOOST_TEST(for_ann.received() == "two lumps");
  for_bob.send_binary("black");
  BOOST_TEST(bob.received_binary() == "black");
  BOOST_TEST(ann.received_all().empty());
}

BOOST_AUTO_TEST_CASE(what_is_said_before_the_backend_answers_waits_for_it) {
  auto ann = world.connect("/");
  ann.send("early");
  ann.send("birds");
  auto end = backend.accept();
  BOOST_TEST(end.received_all() == (std::vector<std::string>{"early", "birds"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_close_code_of_either_side_is_passed_on) {
  auto ann = world.connect("/");
  auto for_ann = backend.accept();
  for_ann.close(close_code{4001}, "closing time");
  BOOST_REQUIRE(ann.closed());
  BOOST_TEST((ann.closed()->code == close_code{4001}));
  BOOST_TEST(ann.closed()->reason == "closing time");
  auto bob = world.connect("/");
  auto for_bob = backend.accept();
  bob.close(close_code{4002}, "bye");
  BOOST_REQUIRE(for_bob.closed());
  BOOST_TEST((for_bob.closed()->code == close_code{4002}));
}

BOOST_AUTO_TEST_CASE(a_backend_that_breaks_the_connection_closes_the_client_with_1001) {
  auto ann = world.connect("/");
  auto for_ann = backend.accept();
  for_ann.reset();
  BOOST_REQUIRE(ann.closed());
  BOOST_TEST((ann.closed()->code == close_code::going_away));
  auto bob = world.connect("/");
  auto for_bob = backend.accept();
  bob.reset();
  BOOST_REQUIRE(for_bob.closed());
  BOOST_TEST((for_bob.closed()->code == close_code::going_away));
}

BOOST_AUTO_TEST_CASE(a_backend_that_refuses_is_silent_or_not_there_closes_with_1014) {
  auto refused = world.connect("/");
  backend.refuse(404);
  BOOST_REQUIRE(refused.closed());
  BOOST_TEST((refused.closed()->code == close_code::bad_gateway));
  auto unheard = world.connect("/");
  world.advance(9s);
  BOOST_TEST(unheard.is_open());
  world.advance(2s); // the connect_timeout of clients is over
  BOOST_REQUIRE(unheard.closed());
  BOOST_TEST((unheard.closed()->code == close_code::bad_gateway));
  auto gone = std::move(backend);
  { const auto end_of_it = std::move(gone); }
  auto late = world.connect("/");
  BOOST_REQUIRE(late.closed());
  BOOST_TEST((late.closed()->code == close_code::bad_gateway));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_slows_the_backend_down_and_loses_nothing) {
  auto slow = world.connect("/");
  auto end = backend.accept();
  slow.stop_reading();
  constexpr int count = 400;
  const std::string padding(1 << 10, '.');
  for (int i = 0; i < count; ++i)
    end.send(std::to_string(i) + padding);
  BOOST_TEST(end.unsent() > 0); // the gateway reads no more
  slow.resume_reading();
  for (int i = 0; i < count; ++i)
    BOOST_TEST(slow.received() == std::to_string(i) + padding);
  BOOST_TEST(end.unsent() == 0);
}

BOOST_AUTO_TEST_CASE(whatever_comes_first_everything_arrives_in_order_and_both_ends_end) {
  testing::explore(1, 100,
                   [](testing::world& any) {
                     gateway::add_routes(any.app(), "ws://backend");
                     auto other = any.listen("backend");
                     auto client = any.connect("/");
                     client.send("1");
                     client.send("2");
                     auto end = other.accept();
                     client.send("3");
                     end.send("a");
                     end.send("b");
                     require(client.received() == "a" && client.received() == "b", "what the backend says arrives in order");
                     for (const auto* text : {"1", "2", "3"})
                       require(end.received() == text, "what the client says arrives in order");
                     end.close(close_code{4003}, "done");
                     client.close(close_code{4004}, "done");
                     any.run();
                     require(client.closed() && end.closed(), "both ends end");
                     require(any.app().connections() == 0, "nothing is left");
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_SUITE_END()
