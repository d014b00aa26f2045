// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/failing_memory.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <new>
#include <string>
#include <vector>

// What a failed allocation costs.

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;

namespace {

void check_echo(test::raw_client& client) {
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(no_memory, test::logged_app)

BOOST_AUTO_TEST_CASE(without_memory_for_its_failure_a_connection_is_closed_and_no_other) {
  app.ws<no_data>("/bad", {.message = [](auto&, message_view message) {
                    test::fail_allocation_after(std::stoul(std::string{message.text()}));
                    throw 42;
                  }});
  app.ws<no_data>("/good", {.message = [](auto& ws, message_view message) {
                    if (message.text() == "failed?")
                      return static_cast<void>(ws.send(test::allocations_work() ? "yes" : "no"));
                    ws.send(message);
                  }});
  start();
  auto good = connect("/good");
  for (std::size_t count = 0; count < 3; ++count) { // that many allocations describe and keep a failure
    auto bad = connect("/bad");
    bad.send_text(std::to_string(count));
    BOOST_TEST(bad.read_close().first == 1011);
    good.send_text("failed?");
    BOOST_TEST(good.read_text() == "yes", "after " << count << " allocations");
    check_echo(good);
  }
}

BOOST_AUTO_TEST_CASE(without_memory_for_a_message_to_a_group_its_member_is_closed_and_not_who_published) {
  app.ws<no_data>("/member", {.open = [](auto& ws) {
                    ws.subscribe("room");
                    ws.send("joined");
                  }});
  app.ws<no_data>("/publisher", {.message = [](auto& ws, message_view message) {
                    test::fail_allocation_after(std::stoul(std::string{message.text()}));
                    bool published = true;
                    try {
                      ws.publish("room", "news");
                    } catch (const std::bad_alloc&) {
                      published = false; // there was no memory for the message itself
                    }
                    const bool failed = test::allocations_work();
                    ws.send(published ? failed ? "published, but" : "published" : "not published");
                  }});
  start();
  std::vector<test::raw_client> members; // more than the loop has buffers left for
  for (int i = 0; i < 40; ++i) {
    members.push_back(connect("/member"));
    BOOST_REQUIRE(members.back().read_text() == "joined");
  }
  auto publisher = connect("/publisher");
  std::string answer = "not published";
  for (std::size_t count = 0; answer == "not published"; ++count) {
    publisher.send_text(std::to_string(count));
    answer = publisher.read_text();
  }
  BOOST_TEST(answer == "published, but");
  std::size_t closed = 0;
  for (auto& each : members) {
    const auto frame = each.read_frame();
    if (frame.opcode == test::opcode::close) {
      BOOST_TEST(test::decode_close(frame).first == 1011);
      ++closed;
    } else {
      BOOST_TEST(frame.payload == "news");
    }
  }
  BOOST_TEST(closed == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
