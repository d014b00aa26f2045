// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// What is promised about sending: the drain contract from handlers and from other threads, policies, outcomes, and pauses.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::delivery_outcome;
using harpia::message_view;
using harpia::no_data;
using harpia::on_limit;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

using lines = std::vector<std::string>;

constexpr std::size_t payload_size = 10'000;
constexpr std::size_t frame_size = payload_size + 4; // RFC 6455, 5.2: two bytes and a length of two more

std::string numbered(std::size_t number) {
  auto text = std::to_string(number);
  text.resize(payload_size, ' ');
  return text;
}

std::size_t number_of(const std::string& text) {
  return std::stoul(text);
}

constexpr harpia::route_options pressed(on_limit policy) {
  return {.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 256 << 10, .on_limit = policy};
}

std::string_view name_of(send_status status) {
  constexpr std::array names{"sent"sv, "buffered"sv, "dropped"sv, "closed"sv};
  return names.at(static_cast<std::size_t>(status));
}

std::string_view name_of(delivery_outcome outcome) {
  constexpr std::array names{"taken"sv, "dropped"sv, "closed"sv};
  return names.at(static_cast<std::size_t>(outcome));
}

/// One loop, and a route "/" whose connection does what the test puts into `on_message`.
struct fixture {
  void start(harpia::route_options options = {}) {
    app.ws<no_data>(
        "/",
        {
            .open =
                [this](auto& ws) {
                  first = &ws;
                  given.set_value(ws.handle());
                },
            .message = [this](auto& ws, message_view message) { on_message(ws, message.text()); },
            .close =
                [this](auto&, close_code code, std::string_view reason) {
                  log.add("close " + std::to_string(static_cast<int>(code)) + ' ' + std::string{reason});
                },
            .drain = [this](auto&) { log.add("drain"); },
            .error = [this](auto&, const harpia::error& what) { log.add("error " + what.code().message()); },
            .dropped =
                [this](auto&, std::size_t count, std::size_t bytes) {
                  dropped += count;
                  dropped_bytes += bytes;
                  log.add("dropped " + std::to_string(dropped) + ' ' + std::to_string(dropped_bytes));
                },
            .ping = [this](auto&, std::string_view) { log.add("ping"); },
        },
        options);
    // For what others do on the loop of the first connection, and to know that the loop has turned.
    app.ws<no_data>("/beside", {.message = [this](auto& ws, message_view message) {
                      if (beside)
                        std::exchange(beside, nullptr)();
                      ws.send(message);
                    }});
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  [[nodiscard]] test::raw_client connect(std::string_view path = "/", int receive_buffer = 0) const {
    auto client = test::raw_client::tcp(app.port(), {.receive_buffer = receive_buffer});
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }
  [[nodiscard]] test::raw_client connect_slowly() const { return connect("/", 4096); }

  /// Runs `work` on the loop, and returns when it has run and the loop has looked at every socket once more.
  void on_loop(std::function<void()> work = [] {}) {
    if (!other)
      other.emplace(connect("/beside"));
    beside = std::move(work);
    for (int turn = 0; turn < 2; ++turn) {
      other->send_text("turn");
      BOOST_REQUIRE(other->read_text() == "turn");
    }
  }

  test::event_log log; // outlives the app, whose handlers write to it
  std::function<void(harpia::socket<no_data>&, std::string_view)> on_message = [](auto&, std::string_view) {};
  std::function<void()> beside; // handed to the loop by a message
  std::promise<harpia::handle> given;
  harpia::socket_base* first = nullptr; // used on the loop only
  std::size_t dropped = 0;              // written on the loop, read after it said so in the log
  std::size_t dropped_bytes = 0;
  harpia::app app{{.stop_timeout = 300ms}};
  std::optional<test::raw_client> other;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sending, fixture)

// From other threads

BOOST_AUTO_TEST_CASE(the_messages_of_one_thread_keep_their_order) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t messages = 500;
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_TEST(handle.is_open());
  std::vector<std::jthread> senders;
  for (std::size_t who = 0; who < threads; ++who)
    senders.emplace_back([handle, who] {
      for (std::size_t i = 0; i < messages; ++i)
        handle.send(std::to_string(who) + ' ' + std::to_string(i));
    });
  std::map<std::size_t, std::size_t> next;
  for (std::size_t i = 0; i < threads * messages; ++i) {
    const auto text = client.read_text();
    BOOST_REQUIRE(number_of(text.substr(text.find(' '))) == next[number_of(text)]++);
  }
}

BOOST_AUTO_TEST_CASE(a_handle_sends_text_and_bytes) {
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_TEST((handle.send("text") == send_status::sent));
  BOOST_TEST((handle.send(std::as_bytes(std::span{"bytes", 5})) == send_status::sent));
  BOOST_TEST(client.read_text() == "text");
  BOOST_TEST(client.read_binary() == "bytes");
}

BOOST_AUTO_TEST_CASE(a_handle_of_no_connection_is_closed) {
  const harpia::handle nobody;
  BOOST_TEST(!nobody.is_open());
  BOOST_TEST((nobody.send("hello") == send_status::closed));
  nobody.close();
}

BOOST_AUTO_TEST_CASE(a_handle_answers_closed_after_the_end_and_after_the_app) {
  std::optional<harpia::handle> handle;
  start();
  auto client = connect();
  handle = given.get_future().get();
  client.send_close(1000);
  log.wait_for("close 1000");
  BOOST_TEST(!handle->is_open());
  BOOST_TEST((handle->send("late") == send_status::closed));
  handle->close();
  app.stop();
  app.wait();
  BOOST_TEST((handle->send("later") == send_status::closed));
}

BOOST_AUTO_TEST_CASE(a_thread_that_was_told_buffered_is_owed_a_drain) {
  start({.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 64 << 20});
  auto client = connect_slowly();
  const auto handle = given.get_future().get();
  std::size_t sent = 0;
  for (std::size_t round = 1; round <= 2; ++round) {
    // Once the loop has looked, a `buffered` is not of the mailbox but of the client.
    for (bool waits = false; !waits; on_loop([&] { waits = first->buffered_amount() > 64 << 10; }))
      while (handle.send(numbered(sent++)) != send_status::buffered) {
      }
    const auto drains = log.count("drain");
    for (static std::size_t next = 0; next < sent; ++next)
      BOOST_REQUIRE(number_of(client.read_text()) == next);
    log.wait_for("drain", drains + 1);
    on_loop();
    BOOST_TEST(log.count("drain") == drains + 1);
  }
}

BOOST_AUTO_TEST_CASE(a_thread_closes_with_code_and_reason) {
  start();
  auto client = connect();
  const auto handle = given.get_future().get();
  BOOST_CHECK_THROW(handle.close(close_code::abnormal), std::invalid_argument);
  BOOST_CHECK_THROW(handle.close(close_code::normal, std::string(124, 'x')), std::invalid_argument);
  BOOST_TEST(handle.is_open());
  std::thread{[&] { handle.close(close_code{4001}, "enough"); }}.join();
  BOOST_TEST((client.read_close() == std::pair{4001, "enough"s}));
  BOOST_TEST(!handle.is_open());
  BOOST_TEST((handle.send("late") == send_status::closed));
  client.send_close(4001);
  BOOST_TEST(client.at_eof());
  log.wait_for("close 4001 enough");
}

// Outcomes

BOOST_AUTO_TEST_CASE(a_promised_outcome_is_taken_dropped_or_closed) {
  constexpr std::size_t flood = 2000; // twice what the system and the connection hold
  on_message = [this](auto& ws, std::string_view) {
    for (std::size_t i = 0; i < flood; ++i)
      ws.send(numbered(i), harpia::notify).then([this, i](delivery_outcome outcome) {
        log.add("outcome " + std::string{name_of(outcome)} + ' ' + std::to_string(i));
      });
    log.add("flooded");
  };
  start(pressed(on_limit::drop_newest));
  auto client = connect_slowly();
  client.send_text("flood");
  log.wait_for("outcome dropped " + std::to_string(flood - 1));
  const auto lost = log.count("outcome dropped");
  BOOST_TEST(lost > 0u);
  for (std::size_t i = 0; i < flood - lost; ++i)
    BOOST_REQUIRE(number_of(client.read_text()) == i);
  log.wait_for("outcome taken", flood - lost);

  client.send_text("flood"); // and now it goes without reading
  log.wait_for("flooded", 2);
  client.reset();
  log.wait_for("close 1006");
  on_loop();
  BOOST_TEST(log.count("outcome closed") > 0u);
  BOOST_TEST(log.count("outcome") == 2 * flood);
  BOOST_TEST(log.lines().back().starts_with("close 1006"));
}

BOOST_AUTO_TEST_CASE(a_promise_of_a_connection_that_is_closing_is_closed_at_once) {
  on_message = [this](auto& ws, std::string_view) {
    ws.close();
    const auto late = ws.send("late", harpia::notify);
    log.add(late.status() == send_status::closed && late.outcome() == delivery_outcome::closed ? "closed" : "something else");
  };
  start();
  auto client = connect();
  client.send_text("close");
  log.wait_for("closed");
}

// Policies. A client that does not read, and then does.

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
        ++answers[std::string{name_of(ws.send(numbered(i), "key " + std::to_string(i % 5)))}];
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

// Pauses

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
