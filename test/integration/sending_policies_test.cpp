// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "sending_fixture.hpp"

#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What is promised about sending to a client that does not read, and then does.

namespace test = harpia::test;
using harpia::on_limit;
using harpia::send_status;

namespace {

using namespace test::sending;

struct flooded : fixture {
  static constexpr std::size_t flood = 2000;

  /// Has `flood` numbered messages sent, and waits until all are. @return how often each status was answered
  std::map<std::string, std::size_t, std::less<>> send_flood(test::raw_client& client) {
    std::map<std::string, std::size_t, std::less<>> answers;
    on_message = [this, &answers](auto& ws, std::string_view what) {
      if (what != "flood") {
        ws.send(what);
        return;
      }
      for (std::size_t i = 0; i < flood; ++i)
        ++answers[std::string{name_of(ws.send(numbered(i), {.key = "key " + std::to_string(i % 5)}))}];
      log.add("flooded");
    };
    client.send_text("flood");
    log.wait_for("flooded");
    return answers;
  }

  /// What comes until `last` says so, and that nothing comes behind.
  static std::vector<std::size_t>
  read_until(test::raw_client& client, const std::function<bool(std::vector<std::size_t>&)>& last) {
    std::vector<std::size_t> numbers;
    do
      numbers.push_back(number_of(client.read_text()));
    while (!last(numbers));
    client.send_text("end");
    BOOST_TEST(client.read_text() == "end");
    return numbers;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sending_policies, test::sending::fixture)

BOOST_FIXTURE_TEST_CASE(drop_newest_keeps_what_it_accepted, flooded) {
  start(pressed(on_limit::drop_newest));
  auto client = connect_slowly();
  auto answers = send_flood(client);
  const auto accepted = answers["sent"] + answers["buffered"];
  BOOST_TEST(answers["buffered"] > 0u);
  BOOST_TEST(answers["dropped"] > 0u);
  log.wait_for("dropped " + std::to_string(answers["dropped"]) + ' ' + std::to_string(answers["dropped"] * frame_size));
  const auto numbers = read_until(client, [&](auto& all) { return all.size() == accepted; });
  for (std::size_t i = 0; i < numbers.size(); ++i)
    BOOST_REQUIRE(numbers[i] == i); // the client read nothing meanwhile, so the first ones filled everything
  BOOST_TEST(accepted + dropped == flood);
  BOOST_TEST(log.count("drain") == 1u);
}

BOOST_FIXTURE_TEST_CASE(drop_oldest_keeps_the_newest, flooded) {
  start(pressed(on_limit::drop_oldest));
  auto client = connect_slowly();
  auto answers = send_flood(client);
  BOOST_TEST(answers["dropped"] == 0u);
  const auto numbers = read_until(client, [](auto& all) { return all.back() == flood - 1; });
  for (std::size_t i = 1; i < numbers.size(); ++i)
    BOOST_REQUIRE(numbers[i] > numbers[i - 1]);
  // 1 of `max_buffered`, and what had begun to leave before.
  const auto kept = (std::size_t{256} << 10) / frame_size - (std::size_t{64} << 10) / frame_size - 2;
  for (std::size_t i = 0; i < kept; ++i)
    BOOST_REQUIRE(numbers[numbers.size() - 1 - i] == flood - 1 - i);
  log.wait_for("dropped " + std::to_string(flood - numbers.size()) + ' ' + std::to_string((flood - numbers.size()) * frame_size));
}

BOOST_FIXTURE_TEST_CASE(conflate_keeps_the_newest_of_each_key, flooded) {
  start(pressed(on_limit::conflate));
  auto client = connect_slowly();
  auto answers = send_flood(client);
  BOOST_TEST(answers["dropped"] == 0u);
  std::map<std::size_t, std::size_t> newest;
  const auto numbers = read_until(client, [&](auto& all) {
    const auto number = all.back();
    const auto before = newest.find(number % 5);
    BOOST_TEST((before == newest.end() || before->second < number));
    newest[number % 5] = number;
    return newest.size() == 5 && std::ranges::all_of(newest, [](const auto& each) { return each.second >= flood - 5; });
  });
  BOOST_TEST(numbers.size() < flood);
  BOOST_TEST(log.count("dropped") == 0u); // taking another's place is no loss
}

BOOST_FIXTURE_TEST_CASE(close_ends_the_connection_with_1013_after_an_error, flooded) {
  start(pressed(on_limit::close));
  auto client = connect_slowly();
  auto answers = send_flood(client);
  BOOST_TEST(answers["dropped"] == 1u);
  BOOST_TEST(answers["closed"] == flood - 1 - answers["sent"] - answers["buffered"]);
  auto frame = client.read_frame();
  std::size_t next = 0;
  for (; frame.opcode == test::opcode::text; frame = client.read_frame())
    BOOST_REQUIRE(number_of(frame.payload) == next++);
  BOOST_TEST(test::decode_close(frame).first == 1013);
  client.send_close(1013);
  log.wait_for("close 1013");
  const auto told = log.lines();
  BOOST_REQUIRE(told.size() == 4u);
  BOOST_TEST(told[0] == "flooded");
  BOOST_TEST(told[1] == "error " + make_error_code(harpia::errc::buffer_limit).message());
  const auto lost = answers["sent"] + answers["buffered"] + 1 - next;
  BOOST_TEST(told[2] == "dropped " + std::to_string(lost) + ' ' + std::to_string(lost * frame_size));
  BOOST_TEST(told[3].starts_with("close 1013"));
}

BOOST_AUTO_TEST_CASE(what_threads_were_refused_is_told_in_number_and_bytes) {
  start(pressed(on_limit::drop_newest));
  auto client = connect_slowly();
  const auto handle = given.get_future().get();
  std::atomic<std::size_t> refused = 0;
  std::atomic<std::size_t> refused_bytes = 0;
  {
    std::vector<std::jthread> senders;
    for (int who = 0; who < 3; ++who)
      senders.emplace_back([&] {
        for (std::size_t mine = 0; mine < 2000;) {
          const auto text = numbered(mine).substr(0, 1000 + mine % 1000);
          if (handle.send(text) == send_status::dropped) {
            ++mine;
            ++refused;
            refused_bytes += text.size() + 4;
          }
        }
      });
  }
  log.wait_for("dropped " + std::to_string(refused) + ' ' + std::to_string(refused_bytes));
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_refused_closes_a_connection_whose_policy_says_so) {
  start(pressed(on_limit::close));
  auto client = connect_slowly();
  const auto handle = given.get_future().get();
  while (handle.send(numbered(0)) != send_status::closed) {
  }
  log.wait_for("error " + make_error_code(harpia::errc::buffer_limit).message());
  auto frame = client.read_frame();
  while (frame.opcode == test::opcode::text)
    frame = client.read_frame();
  BOOST_TEST(test::decode_close(frame).first == 1013);
}

BOOST_AUTO_TEST_CASE(limits_change_at_run_time) {
  on_message = [this](auto& ws, std::string_view) {
    const auto before = ws.limits();
    const auto try_one = [&] { log.add(std::string{name_of(ws.send(numbered(0)))}); };
    while (ws.buffered_amount() < 1 << 20)
      ws.send(numbered(0));
    try_one();
    ws.set_limits({.high_watermark = 64 << 10, .low_watermark = 0, .max_buffered = 128 << 10});
    const auto waiting = ws.buffered_amount();
    try_one();
    log.add(ws.buffered_amount() == waiting ? "what waits stays" : "what waits does not stay");
    ws.set_limits({.high_watermark = 32 << 20, .low_watermark = 0, .max_buffered = 64 << 20});
    try_one();
    try {
      ws.set_limits({.high_watermark = 2, .low_watermark = 1, .max_buffered = 1});
    } catch (const std::invalid_argument& refused) {
      log.add(refused.what());
    }
    log.add(ws.limits().max_buffered == 64 << 20 && before.max_buffered == 16 << 20 ? "known" : "not known");
  };
  start();
  auto client = connect_slowly();
  client.send_text("go");
  log.wait_for("dropped 1 ");
  const lines expected{
      "buffered",
      "dropped",
      "what waits stays",
      "sent",
      "'high_watermark' must not exceed 'max_buffered', but 2 > 1",
      "known",
      "dropped 1 " + std::to_string(frame_size)};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  // They hold for other threads, too.
  const auto handle = given.get_future().get();
  on_loop([&] { first->set_limits({.high_watermark = 0, .low_watermark = 0, .max_buffered = 0}); });
  BOOST_TEST((handle.send("refused") == send_status::dropped));
}

BOOST_AUTO_TEST_CASE(a_ping_is_answered_ahead_of_a_full_backlog) {
  on_message = [](auto& ws, std::string_view) {
    while (ws.send(numbered(0)) != send_status::dropped) {
    }
  };
  start({.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 4 << 20});
  auto client = connect_slowly();
  client.send_text("flood");
  client.send_frame(test::opcode::ping, "still there?");
  log.wait_for("ping");
  auto frame = client.read_frame();
  while (frame.opcode == test::opcode::text)
    frame = client.read_frame();
  BOOST_TEST(frame.opcode == test::opcode::pong);
  BOOST_TEST(frame.payload == "still there?");
  for (std::size_t behind = 0; behind < 3 << 20; behind += frame_size)
    BOOST_REQUIRE(client.read_text().size() == payload_size);
}

BOOST_AUTO_TEST_SUITE_END()
