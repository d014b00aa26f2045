// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A peer resets its connection at each step of the protocol, and at each byte of what it has to say.
#include "fault_support.hpp"
#include "many_clients.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

/// Others, who must notice nothing: they are in the room before and after.
class bystanders {
public:
  explicit bystanders(test::room& served) : room_{&served} {
    for (int i = 0; i < 5; ++i)
      clients_.push_back(served.connect());
    check();
  }
  void check() {
    for (auto& each : clients_)
      BOOST_TEST(test::echoes(each));
    room_->app.publish("room", "all:here");
    for (auto& each : clients_)
      BOOST_TEST(each.read_text() == "all:here");
    BOOST_TEST(test::eventually([&] { return room_->app.connections() == clients_.size(); }));
    BOOST_TEST(room_->opened == room_->closed + clients_.size());
  }

private:
  test::room* room_;
  std::vector<test::raw_client> clients_;
};

struct reset_room {
  reset_room() { served.start(); }
  test::watchdog limit{60s, "resets"};
  test::room served;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(resets, reset_room)

BOOST_AUTO_TEST_CASE(a_reset_at_any_byte_of_the_request_is_noticed_by_nobody_else) {
  bystanders others{served};
  const auto request = test::opening_request();
  for (std::size_t size = 0; size <= request.size(); ++size) {
    auto client = test::raw_client::tcp(served.app.port());
    client.send_raw(std::string_view{request}.substr(0, size));
    client.reset();
  }
  others.check();
  BOOST_TEST(test::eventually([&] { return served.app.statistics().handshakes == 0; }));
}

BOOST_AUTO_TEST_CASE(a_reset_at_any_byte_of_a_conversation_is_noticed_by_nobody_else) {
  bystanders others{served};
  const auto said =
      test::encode_frame({.payload = "hello"}) + test::encode_frame({.fin = false, .payload = std::string(200, 'x')})
      + test::encode_frame({.opcode = test::opcode::ping, .payload = "?"})
      + test::encode_frame({.opcode = test::opcode::continuation, .payload = "end"})
      + test::encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000, "bye")});
  for (std::size_t size = 0; size <= said.size(); ++size) {
    auto client = served.connect();
    client.send_raw(std::string_view{said}.substr(0, size));
    client.reset();
  }
  others.check();
}

BOOST_AUTO_TEST_CASE(a_reset_at_each_step_of_a_close_is_noticed_by_nobody_else) {
  bystanders others{served};
  using step = std::function<void(test::raw_client&)>;
  const std::vector<step> steps{
      [](auto& client) { client.send_close(1000); },                            // before the answer is read
      [](auto& client) { client.send_close(1000), (void)client.read_close(); }, // after
      [](auto& client) { client.send_close(1000), client.shutdown_write(); },   // half closed
      [](auto& client) { client.send_raw(test::encode_frame({.opcode = 3})); }, // before the server's close is read
      [](auto& client) { client.send_raw(test::encode_frame({.opcode = 3})), (void)client.read_close(); }, // and not answered
      [](auto& client) { client.shutdown_write(), (void)client.at_eof(); },
  };
  for (const auto& each : steps)
    for (int i = 0; i < 20; ++i) {
      auto client = served.connect();
      each(client);
      client.reset();
    }
  others.check();
}

BOOST_AUTO_TEST_CASE(a_reset_of_a_client_that_is_owed_much_is_noticed_by_nobody_else) {
  bystanders others{served};
  for (int i = 0; i < 10; ++i) {
    auto client = served.connect();
    for (int k = 0; k < 8; ++k)
      client.send_binary(std::string(1 << 20, 'x')); // whose echoes it never reads
    client.reset();
  }
  others.check();
}

BOOST_AUTO_TEST_CASE(resets_while_the_app_stops_keep_it_from_nothing) {
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(served.connect());
  served.app.stop();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (i % 2 == 0)
      (void)clients[i].read_close();
    clients[i].reset();
  }
  served.app.wait();
  BOOST_TEST(served.opened == served.closed);
}

BOOST_AUTO_TEST_SUITE_END()
