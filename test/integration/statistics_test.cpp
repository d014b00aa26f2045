// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

namespace testing = harpia::testing;
using harpia::message_view;

namespace {

/// "messages/bytes" of each direction.
std::string traffic_of(testing::world& world, std::string_view route) {
  const auto all = world.app().statistics();
  const auto& of = all.routes.at(std::string{route});
  const auto text = [](const harpia::traffic& one) { return std::to_string(one.messages) + "/" + std::to_string(one.bytes); };
  return "in " + text(of.received) + ", out " + text(of.sent);
}

} // namespace

BOOST_AUTO_TEST_SUITE(statistics)

BOOST_AUTO_TEST_CASE(messages_are_counted_by_route_on_all_loops) {
  testing::world world{{.loops = 3}};
  world.app().ws("/echo/:name", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  world.app().ws("/other", {});
  for (int i = 0; i < 6; ++i) {
    auto client = world.connect("/echo/ann");
    client.send("four");
    client.send_binary("five!");
    BOOST_TEST(client.received_all().size() == 2u);
  }
  BOOST_TEST(traffic_of(world, "/echo/:name") == "in 12/54, out 12/54");
  BOOST_TEST(traffic_of(world, "/other") == "in 0/0, out 0/0");
}

BOOST_AUTO_TEST_CASE(what_groups_and_handles_send_is_counted_and_what_is_refused_is_not) {
  testing::world world;
  harpia::handle kept;
  world.app().ws("/", {.open = [&kept](auto& ws) {
                   ws.subscribe("room");
                   kept = ws.handle();
                 }});
  {
    auto client = world.connect("/");
    world.app().publish("room", "hello");
    kept.send("you");
    world.run();
    BOOST_TEST(traffic_of(world, "/") == "in 0/0, out 2/8");
    client.close();
    world.run();
  }
  BOOST_TEST((kept.send("late") == harpia::send_status::closed));
  world.app().publish("room", "nobody");
  world.run();
  BOOST_TEST(traffic_of(world, "/") == "in 0/0, out 2/8");
}

BOOST_AUTO_TEST_CASE(a_message_in_parts_counts_once_and_layers_count_what_passes_them) {
  testing::world world;
  world.app().ws("/parts", {.message_part = [](auto&, message_view, harpia::last_part) {}});
  world.app().use("/filtered", {.send = [](harpia::socket_base&, message_view message, const harpia::next_sender& next) {
                    return message.text() == "no" ? harpia::send_status::sent : next(message);
                  }});
  world.app().ws("/filtered", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  auto parts = world.connect("/parts");
  parts.send_frame({.payload = "one ", .final = false});
  parts.send_frame({.opcode = 0, .payload = "message"});
  world.run();
  BOOST_TEST(traffic_of(world, "/parts") == "in 1/11, out 0/0");
  auto filtered = world.connect("/filtered");
  filtered.send("yes");
  filtered.send("no");
  BOOST_TEST(filtered.received() == "yes");
  world.run();
  BOOST_TEST(traffic_of(world, "/filtered") == "in 2/5, out 1/3");
}

BOOST_AUTO_TEST_CASE(clients_of_the_app_are_not_counted) {
  testing::world world;
  world.app().ws("/", {});
  auto backend = world.listen("backend");
  world.start();
  auto client = harpia::connect(world.app(), "ws://backend/", {.open = [](auto& ws) { ws.send("hello"); }});
  auto peer = backend.accept();
  BOOST_TEST(peer.received() == "hello");
  BOOST_TEST(traffic_of(world, "/") == "in 0/0, out 0/0");
  client.close();
  world.run();
}

BOOST_AUTO_TEST_SUITE_END()
