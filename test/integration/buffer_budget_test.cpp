// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::on_limit;
using harpia::send_status;

namespace {

constexpr std::size_t budget = std::size_t{1} << 20; // of four that do not read, so that messages wait behind the wire of each
const std::string kilobyte(1 << 10, '.');

struct crowd {
  explicit crowd(on_limit policy) {
    world.app().ws("/",
                   {.open =
                        [this](auto& ws) {
                          ws.subscribe("room");
                          handles.push_back(ws.handle());
                        },
                    .message = [](auto& ws, message_view message) { ws.send(message); }},
                   {.on_limit = policy});
    for (int i = 0; i < 5; ++i)
      clients.push_back(world.connect("/", {.kernel_buffer = 0}));
    for (int i = 1; i < 5; ++i)
      clients[static_cast<std::size_t>(i)].stop_reading(); // all but the first
  }

  void publish(int kilobytes) {
    for (int i = 0; i < kilobytes; ++i) {
      world.app().publish("room", kilobyte);
      world.run();
    }
  }
  [[nodiscard]] std::size_t buffered() { return world.app().statistics().buffered; }

  std::vector<harpia::handle> handles;
  testing::world world{{.app = {.max_buffered = budget}}};
  std::vector<testing::client> clients;
};

} // namespace

BOOST_AUTO_TEST_SUITE(buffer_budget)

BOOST_AUTO_TEST_CASE(all_together_hold_no_more_than_the_app_allows_and_who_keeps_up_does_not_notice) {
  crowd all{on_limit::drop_newest};
  all.publish(2000);
  BOOST_TEST(all.buffered() >= budget);
  BOOST_TEST(all.buffered() < budget + 4 * 1100); // and one message for each
  BOOST_TEST(all.clients.front().received_all().size() == 2000);
  BOOST_TEST((all.handles[1].send(kilobyte) == send_status::dropped));
  for (const auto* text : {"for one", "who keeps up"}) // before the first was offered to the kernel
    BOOST_TEST((all.handles[0].send(text) == send_status::sent));
  BOOST_TEST(all.clients.front().received() == "for one");
  BOOST_TEST(all.clients.front().received() == "who keeps up");
}

BOOST_AUTO_TEST_CASE(what_is_taken_makes_room_again) {
  crowd all{on_limit::drop_newest};
  all.publish(2000);
  for (auto& each : all.clients)
    each.resume_reading();
  all.world.run();
  BOOST_TEST(all.buffered() == 0);
  const auto had = all.clients.back().received_all().size();
  BOOST_TEST(had > 200);
  BOOST_TEST(had < 400);
  all.publish(1);
  BOOST_TEST(all.clients.back().received() == kilobyte);
}

BOOST_AUTO_TEST_CASE(connections_that_end_give_back_what_they_held) {
  crowd all{on_limit::drop_newest};
  all.publish(100);
  BOOST_TEST(all.buffered() > 0);
  for (auto& each : all.clients)
    each.reset();
  all.world.run();
  BOOST_TEST(all.buffered() == 0);
}

BOOST_AUTO_TEST_CASE(beyond_it_the_oldest_make_room_under_drop_oldest) {
  crowd all{on_limit::drop_oldest};
  all.publish(2000);
  BOOST_TEST(all.buffered() < budget + 4 * 1100);
  all.world.app().publish("room", "the newest");
  all.world.run();
  auto& slow = all.clients.back();
  slow.resume_reading();
  BOOST_TEST(slow.received_all().back() == "the newest");
}

BOOST_AUTO_TEST_CASE(beyond_it_slow_clients_are_closed_under_close) {
  crowd all{on_limit::close};
  all.publish(2000);
  BOOST_TEST(all.buffered() < budget + 4 * 1100);
  all.clients.back().resume_reading();
  BOOST_TEST((all.clients.back().closed().value().code == close_code::try_again_later));
  BOOST_TEST(all.clients.front().received_all().size() == 2000);
}

BOOST_AUTO_TEST_CASE(without_one_only_their_own_limits_count) {
  testing::world world;
  world.app().ws("/", {.open = [](auto& ws) { ws.subscribe("room"); }});
  auto slow = world.connect("/", {.kernel_buffer = 0});
  slow.stop_reading();
  for (int i = 0; i < 1000; ++i)
    world.app().publish("room", kilobyte);
  world.run();
  BOOST_TEST(world.app().statistics().buffered > 900 * kilobyte.size());
}

BOOST_AUTO_TEST_SUITE_END()
