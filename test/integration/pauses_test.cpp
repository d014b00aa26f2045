// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "sending_fixture.hpp"

#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::send_status;

using namespace test::sending;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(pauses, test::sending::fixture)

BOOST_AUTO_TEST_CASE(while_paused_messages_wait_and_afterwards_come_in_their_order) {
  on_message = [this](auto& ws, std::string_view text) {
    log.add("message " + std::string{text});
    if (text.starts_with("pause"))
      ws.pause();
  };
  start();
  auto client = connect();
  lines expected;
  for (int round = 0; round < 3; ++round) {
    const auto pause = "pause " + std::to_string(round);
    auto burst = test::encode_frame({.payload = pause});
    expected.push_back("message " + pause);
    for (int i = 0; i < 50; ++i) // some come with it, some behind
      burst += test::encode_frame({.payload = std::to_string(i)});
    client.send_raw(burst);
    for (int i = 50; i < 100; ++i)
      client.send_text(std::to_string(i));
    log.wait_for("message " + pause);
    bool paused = false;
    on_loop([&] { paused = first->is_paused(); });
    BOOST_TEST(paused);
    BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
    for (int i = 0; i < 100; ++i)
      expected.push_back("message " + std::to_string(i));
    on_loop([&] { first->resume(); });
    log.wait_for("message 99", static_cast<std::size_t>(round) + 1);
    BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_pause_takes_back_a_resume_of_the_same_turn) {
  on_message = [this](auto& ws, std::string_view text) {
    log.add(std::string{text});
    ws.pause();
  };
  start();
  auto client = connect();
  client.send_text("first");
  client.send_text("second");
  log.wait_for("first");
  on_loop([&] {
    first->resume();
    first->pause();
  });
  on_loop();
  BOOST_TEST(log.lines() == lines{"first"}, boost::test_tools::per_element());
  on_loop([&] { first->resume(); });
  log.wait_for("second");
}

BOOST_AUTO_TEST_CASE(a_paused_connection_sends_and_closes) {
  on_message = [](auto& ws, std::string_view) { ws.pause(); };
  start();
  auto client = connect();
  client.send_text("pause");
  const auto handle = given.get_future().get();
  on_loop();
  BOOST_TEST((handle.send("from elsewhere") == send_status::sent));
  BOOST_TEST(client.read_text() == "from elsewhere");
  handle.close(close_code::normal, "bye");
  BOOST_TEST((client.read_close() == std::pair{1000, "bye"s}));
  client.send_close(1000);
  BOOST_TEST(client.at_eof());
  log.wait_for("close 1000 bye");
}

BOOST_AUTO_TEST_CASE(a_close_of_the_peer_waits_for_the_end_of_a_pause) {
  on_message = [this](auto& ws, std::string_view text) {
    log.add(std::string{text});
    ws.pause();
  };
  start();
  auto client = connect();
  client.send_text("pause");
  client.send_text("last");
  client.send_close(1000);
  log.wait_for("pause");
  on_loop();
  BOOST_TEST(log.lines() == lines{"pause"}, boost::test_tools::per_element());
  on_loop([&] { first->resume(); }); // and pauses with the next message
  log.wait_for("last");
  on_loop([&] { first->resume(); });
  BOOST_TEST(client.read_close().first == 1000);
  log.wait_for("close 1000");
}

BOOST_AUTO_TEST_CASE(nothing_is_read_while_a_reply_is_awaited) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  using question = caf::atom_constant<caf::atom("question")>;
  caf::scoped_actor oracle{system}; // the test itself, which answers when it wants to
  on_message = [this, whom = caf::actor{oracle}](auto& ws, std::string_view text) {
    log.add(std::string{text});
    if (text == "ask")
      ws.self().request(whom, caf::infinite, question::value).await([this](int answer) {
        log.add("answer " + std::to_string(answer));
      });
  };
  start();
  auto client = connect();
  lines expected;
  for (std::size_t round = 1; round <= 3; ++round) {
    client.send_raw(test::encode_frame({.payload = "ask"}) + test::encode_frame({.payload = "with it"}));
    oracle->receive([&](question) {
      client.send_text("behind");
      on_loop();
      expected.push_back("ask");
      BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
      return 42;
    });
    log.wait_for("behind", round);
    expected.insert(expected.end(), {"answer 42", "with it", "behind"});
    BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  }
  app.stop();
  app.wait();
  on_message = nullptr; // it refers to the actor, whose system ends first
}

BOOST_AUTO_TEST_SUITE_END()
