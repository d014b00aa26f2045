// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"

#include <harpia/actors.hpp>
#include <harpia/coroutine.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/testing/explore.hpp>

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace testing = harpia::testing;
namespace test = harpia::test;
using harpia::close_code;
using harpia::message;
using harpia::message_view;
using harpia::no_data;
using harpia::task;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

/// Counts the coroutines that exist.
class counted {
public:
  explicit counted(int& count) : count_{&count} { ++count; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --*count_; }

private:
  int* count_;
};

struct fixture {
  template <class Data = no_data>
  void serve(harpia::handlers<Data> handlers, harpia::route_options options = {}) {
    handlers.close = [this](auto&, close_code code, std::string_view) {
      told.push_back("close " + std::to_string(static_cast<unsigned>(code)));
      alive_at_close = alive;
    };
    handlers.error = [this](auto&, const harpia::error& what) { told.push_back(what.what()); };
    world.app().ws<Data>("/", std::move(handlers), std::move(options));
  }

  strings told;
  int alive = 0;
  int alive_at_close = -1;
  testing::world world;
};

struct move {
  int column = 0;
};
BOOST_DESCRIBE_STRUCT(move, (), (column))

/// Answers calls of the application as `answer` says.
void answer_call(testing::client& client, std::string_view answer) {
  const auto call = client.received(); // "call ID\n…"
  const auto id = call.substr(5, call.find('\n') - 5);
  client.send("reply " + id + "\n" + std::string{answer});
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(coroutines, fixture)

// Handlers

BOOST_AUTO_TEST_CASE(a_handler_waits_and_other_events_are_handled_meanwhile) {
  serve({.message = [this](auto& ws, message received) -> task {
    const counted here{alive};
    ws.send("began " + received.text());
    co_await harpia::sleep(received.text() == "long" ? 2s : 1s);
    ws.send("ended " + received.text());
  }});
  auto client = world.connect("/");
  client.send("long");
  client.send("short");
  BOOST_TEST(client.received_all() == (strings{"began long", "began short"}), boost::test_tools::per_element());
  BOOST_TEST(alive == 2);
  world.advance(1100ms);
  BOOST_TEST(client.received_all() == (strings{"ended short"}), boost::test_tools::per_element());
  world.advance(1s);
  BOOST_TEST(client.received_all() == (strings{"ended long"}), boost::test_tools::per_element());
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(a_handler_that_does_not_wait_is_as_any_other) {
  serve({.message = [](auto& ws, message received) -> task {
    ws.send(received);
    co_return;
  }});
  auto client = world.connect("/");
  client.send("text");
  client.send_binary("bytes");
  BOOST_TEST(client.received() == "text");
  BOOST_TEST(client.received_binary() == "bytes");
}

BOOST_AUTO_TEST_CASE(coroutines_end_before_close_is_called) {
  serve({.open = [this](auto&) -> task {
    const counted here{alive};
    co_await harpia::sleep(1h);
    told.push_back("never");
  }});
  auto client = world.connect("/");
  BOOST_TEST(alive == 1);
  client.close();
  world.run();
  BOOST_TEST(alive_at_close == 0);
  BOOST_TEST(told == (strings{"close 1000"}), boost::test_tools::per_element());
  world.advance(2h);
  BOOST_TEST(told.size() == 1u);
}

BOOST_AUTO_TEST_CASE(coroutines_end_with_a_connection_that_is_reset_or_killed_and_with_the_world) {
  std::vector<harpia::handle> handles;
  serve({.open = [this, &handles](auto& ws) -> task {
    handles.push_back(ws.handle());
    const counted here{alive};
    co_await harpia::sleep(1h);
  }});
  auto first = world.connect("/");
  auto second = world.connect("/");
  auto third = world.connect("/");
  BOOST_TEST(alive == 3);
  first.reset();
  world.run();
  BOOST_TEST(alive == 2);
  world.kill(handles[1]);
  world.run();
  BOOST_TEST(alive == 1);
  world.stop();
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(an_exception_after_a_suspension_is_that_of_the_handler) {
  serve({.message = [](auto& ws, message received) -> task {
    if (received.text() == "at once")
      throw std::runtime_error{"on purpose"};
    co_await harpia::sleep(1s);
    ws.send("awake");
    throw std::runtime_error{"on purpose"};
  }});
  auto now = world.connect("/");
  now.send("at once");
  BOOST_TEST((now.closed().value().code == close_code::internal_error));
  BOOST_TEST(told == (strings{"the handler 'message' of route '/' threw: on purpose", "close 1011"}),
             boost::test_tools::per_element());
  told.clear();
  auto later = world.connect("/");
  later.send("later");
  world.advance(2s);
  BOOST_TEST(later.received() == "awake");
  BOOST_TEST((later.closed().value().code == close_code::internal_error));
  BOOST_TEST(told == (strings{"the handler 'message' of route '/' threw: on purpose", "close 1011"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_restart_ends_all_coroutines_of_the_former_life) {
  serve({.open = [this](auto& ws) -> task {
           const counted here{alive};
           ws.send("open");
           co_await harpia::sleep(1s);
           ws.send("a second later");
           co_await harpia::sleep(1h);
         },
         .message = [](auto&, message_view) { throw std::runtime_error{"on purpose"}; }},
        {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/");
  client.send("crash");
  BOOST_TEST(client.received_all() == (strings{"open", "open"}), boost::test_tools::per_element());
  BOOST_TEST(alive == 1);
  world.advance(2s);
  BOOST_TEST(client.received_all() == (strings{"a second later"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_handler_captures_lives_as_long_as_its_coroutine) {
  std::weak_ptr<int> watched;
  std::optional<harpia::handle> kept;
  serve({.open = [&](auto& ws) { kept = ws.handle(); }});
  auto client = world.connect("/");
  {
    auto value = std::make_shared<int>(7);
    watched = value;
    kept->post<no_data>([value](auto& ws) -> task {
      co_await harpia::sleep(1s);
      ws.send(std::to_string(*value));
    });
  }
  world.advance(500ms);
  BOOST_TEST(!watched.expired());
  world.advance(1s);
  BOOST_TEST(client.received() == "7");
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(a_sleep_of_less_than_nothing_is_refused) {
  serve({.open = [](auto& ws) -> task {
    try {
      co_await harpia::sleep(-1ms);
    } catch (const std::invalid_argument& refused) {
      ws.send(std::string_view{refused.what()});
    }
    co_await harpia::sleep(0ms);
    ws.send("awake");
  }});
  auto client = world.connect("/");
  BOOST_TEST(client.received() == "the delay of a timer must not be negative, but is -1 ms");
  world.advance(100ms);
  BOOST_TEST(client.received() == "awake");
}

// Subtasks

namespace {

harpia::subtask<std::string> slowly(std::string text) {
  co_await harpia::sleep(1s);
  if (text.empty())
    throw std::invalid_argument{"nothing to say"};
  co_return text + "!";
}
harpia::subtask<> say(harpia::socket_base& ws, std::string text) {
  const auto said = co_await slowly(std::move(text));
  ws.send(said);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_subtask_returns_a_value_throws_and_ends_with_what_awaits_it) {
  serve({.message = [this](auto& ws, message received) -> task {
    const counted here{alive};
    try {
      co_await say(ws, std::string{received.text()});
    } catch (const std::invalid_argument& failed) {
      ws.send(std::string_view{failed.what()});
    }
  }});
  auto client = world.connect("/");
  client.send("hello");
  client.send("");
  world.advance(2s);
  BOOST_TEST(client.received_all() == (strings{"hello!", "nothing to say"}), boost::test_tools::per_element());
  client.send("too late");
  client.close();
  world.run();
  BOOST_TEST(alive == 0);
}

// Replies of the peer

BOOST_AUTO_TEST_CASE(a_call_is_awaited) {
  serve({.open = [](auto& ws) -> task {
          const auto reply = co_await ws.call("who are you?", 5s);
          ws.send(reply ? "hello " + reply.value().text() : std::string{to_string(reply.failure().why)});
        }},
        {.calls = harpia::calls::enabled});
  auto answers = world.connect("/");
  answer_call(answers, "ann");
  BOOST_TEST(answers.received() == "hello ann");
  auto refuses = world.connect("/");
  BOOST_TEST(refuses.received() == "call 1\nwho are you?");
  refuses.send("error 1\nnobody");
  BOOST_TEST(refuses.received() == harpia::to_string(harpia::call_failure::refused));
  auto silent = world.connect("/");
  world.advance(6s);
  BOOST_TEST(silent.received_all().back() == harpia::to_string(harpia::call_failure::timed_out));
}

BOOST_AUTO_TEST_CASE(an_awaited_call_learns_of_the_end_and_nothing_runs_after_it) {
  serve({.open = [this](auto& ws) -> task {
          const auto reply = co_await ws.call("who are you?", 5s);
          told.push_back(std::string{to_string(reply.failure().why)});
          co_await harpia::sleep(1s);
          told.push_back("never");
        }},
        {.calls = harpia::calls::enabled});
  auto client = world.connect("/");
  client.close();
  world.advance(5s);
  BOOST_TEST(told == (strings{"closed", "close 1000"}), boost::test_tools::per_element());
}

// Drains

BOOST_AUTO_TEST_CASE(a_coroutine_waits_for_the_drain_only_if_one_is_due) {
  serve({.open = [this](auto& ws) -> task {
           co_await ws.drained();
           told.push_back("at once");
           while (ws.send(std::string(1000, 'x')) != harpia::send_status::buffered)
             ;
           co_await ws.drained();
           told.push_back(std::to_string(ws.buffered_amount() <= 500));
         },
         .drain = [this](auto&) { told.push_back("drain"); }},
        {.high_watermark = 10'000, .low_watermark = 500});
  auto client = world.connect("/", {.kernel_buffer = 100});
  BOOST_TEST(told == (strings{"at once", "drain", "1"}), boost::test_tools::per_element());
  client.close();
}

BOOST_AUTO_TEST_CASE(of_several_that_wait_for_the_drain_one_may_crash) {
  serve({.message = [this](auto& ws, message received) -> task {
          const counted here{alive};
          while (ws.send(std::string(1000, 'x')) != harpia::send_status::buffered)
            ;
          co_await ws.drained();
          told.push_back(std::string{received.text()});
          if (received.text() == "crash")
            throw std::runtime_error{"on purpose"};
        }},
        {.high_watermark = 5'000, .low_watermark = 500, .on_crash = harpia::on_crash::restart});
  auto client = world.connect("/", {.kernel_buffer = 100});
  client.stop_reading();
  for (const auto* each : {"first", "crash", "destroyed by the restart"})
    client.send(each);
  world.run();
  BOOST_TEST(alive == 3);
  client.resume_reading();
  world.run();
  BOOST_TEST(told == (strings{"first", "crash", "the handler 'message' of route '/' threw: on purpose"}),
             boost::test_tools::per_element());
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_cuts_its_connection_ends_at_its_next_wait) {
  serve({.message = [this](auto& ws, message) -> task {
    const counted here{alive};
    ws.terminate();
    co_await harpia::sleep(1s);
    told.push_back("never");
  }});
  auto client = world.connect("/");
  client.send("go");
  world.advance(5s);
  BOOST_TEST(alive_at_close == 0);
  BOOST_TEST(told == (strings{"close 1006"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_waits_for_a_reader_who_never_reads_ends_with_the_connection) {
  serve({.message = [this](auto& ws, message) -> task {
          const counted here{alive};
          while (ws.send(std::string(1000, 'x')) != harpia::send_status::buffered)
            ;
          co_await ws.drained();
          told.push_back("never");
        }},
        {.high_watermark = 10'000, .low_watermark = 500});
  auto client = world.connect("/", {.kernel_buffer = 100});
  client.stop_reading();
  client.send("go");
  world.run();
  BOOST_TEST(alive == 1);
  client.reset();
  world.run();
  BOOST_TEST(alive_at_close == 0);
  BOOST_TEST(told.back() == "close 1006");
}

// Conversations

BOOST_AUTO_TEST_CASE(a_route_is_one_coroutine_from_open_to_close) {
  struct user {
    std::string name;
  };
  serve<user>({.coroutine = [this](auto& ws) -> task {
    const counted here{alive};
    ws.send("name?");
    const auto name = co_await ws.receive();
    if (!name)
      co_return;
    ws.data.name = name->text();
    while (const auto said = co_await ws.receive()) {
      if (said->text() == "bye")
        co_return;
      ws.send(ws.data.name + ": " + said->text());
    }
    told.push_back(ws.data.name + " has left");
  }});
  auto ann = world.connect("/");
  auto bob = world.connect("/");
  BOOST_TEST(ann.received() == "name?");
  ann.send("ann");
  bob.send("bob");
  ann.send("hello");
  BOOST_TEST(ann.received() == "ann: hello");
  ann.send("bye");
  BOOST_TEST((ann.closed().value().code == close_code::normal));
  BOOST_TEST(told == (strings{"close 1000"}), boost::test_tools::per_element());
  told.clear();
  bob.close();
  world.run();
  BOOST_TEST(told == (strings{"bob has left", "close 1000"}), boost::test_tools::per_element());
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(messages_that_come_meanwhile_are_kept_in_order_and_the_socket_is_not_read) {
  world.app().ws("/", [](harpia::socket<no_data>& ws) -> task {
    co_await harpia::sleep(1s);
    while (const auto received = co_await ws.receive())
      ws.send(*received);
  });
  auto client = world.connect("/");
  for (const auto* each : {"one", "two", "three"})
    client.send(each);
  for (int i = 0; i < 100; ++i)
    client.send(std::string(1000, 'x')); // more than the simulated kernel takes
  BOOST_TEST(client.unsent() > 0u);
  BOOST_TEST(client.received_all().empty());
  world.advance(1100ms);
  const auto received = client.received_all();
  BOOST_REQUIRE(received.size() == 103u);
  BOOST_TEST(received[0] == "one");
  BOOST_TEST(received[2] == "three");
  BOOST_TEST(client.unsent() == 0u);
}

BOOST_AUTO_TEST_CASE(a_conversation_gets_what_was_sent_before_the_end) {
  serve({.coroutine = [this](auto& ws) -> task {
    co_await harpia::sleep(1s);
    while (const auto received = co_await ws.receive())
      told.push_back(std::string{received->text()});
    told.push_back("end");
  }});
  auto client = world.connect("/");
  client.send("one");
  client.send("two");
  client.close();
  world.run();
  BOOST_TEST(told.empty());
  world.advance(1100ms);
  BOOST_TEST(told == (strings{"one", "two", "end", "close 1000"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_conversation_that_calls_hears_the_reply_behind_messages) {
  serve({.coroutine = [](auto& ws) -> task {
          const auto reply = co_await ws.call("ready?", 5s);
          ws.send(reply ? "ready" : "no reply");
          while (const auto received = co_await ws.receive())
            ws.send(*received);
        }},
        {.calls = harpia::calls::enabled});
  auto client = world.connect("/");
  client.send("before");
  client.send("also before");
  answer_call(client, "yes");
  BOOST_TEST(client.received_all() == (strings{"ready", "before", "also before"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_kept_for_a_conversation_that_calls_is_bounded) {
  serve({.coroutine = [](auto& ws) -> task {
          const auto reply = co_await ws.call("ready?", 5s);
          ws.send(reply ? "ready" : "no reply");
          while (co_await ws.receive())
            ;
        }},
        {.high_watermark = 5'000, .low_watermark = 1'000, .max_buffered = 10'000, .calls = harpia::calls::enabled});
  auto client = world.connect("/");
  for (int i = 0; i < 100; ++i)
    client.send(std::string(1000, 'x'));
  BOOST_TEST(client.unsent() > 20'000u); // 64 KiB wait in the simulated kernel
  world.advance(6s);
  BOOST_TEST(client.received_all().back() == "no reply");
  BOOST_TEST(client.unsent() == 0u);
}

BOOST_AUTO_TEST_CASE(a_pause_of_the_program_and_kept_messages_are_independent) {
  serve({.coroutine = [](auto& ws) -> task {
    ws.pause();
    co_await harpia::sleep(1s);
    ws.send(ws.is_paused() ? "paused" : "not paused");
    ws.resume();
    ws.send(ws.is_paused() ? "paused" : "not paused");
    co_await harpia::sleep(1s);
    ws.send(ws.is_paused() ? "paused" : "not paused");
    while (const auto received = co_await ws.receive())
      ws.send(*received);
  }});
  auto client = world.connect("/");
  client.send("one");
  client.send("two");
  world.advance(3s);
  BOOST_TEST(client.received_all() == (strings{"paused", "not paused", "not paused", "one", "two"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reply_messages_and_a_close_frame_in_one_read_come_in_their_order) {
  serve({.coroutine = [this](auto& ws) -> task {
          const auto reply = co_await ws.call("ready?", 5s);
          told.push_back(reply ? reply.value().text() : "no reply");
          while (const auto received = co_await ws.receive())
            told.push_back(received->text());
          told.push_back("end");
        }},
        {.calls = harpia::calls::enabled});
  auto client = world.connect("/");
  std::string bytes;
  for (const auto* each : {"before", "reply 1\nyes", "after"})
    bytes += testing::client::encode({.payload = each});
  client.send_raw(bytes + testing::client::encode({.opcode = 8, .payload = "\x03\xe8"}));
  world.run();
  BOOST_TEST(told == (strings{"yes", "before", "after", "end", "close 1000"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_its_own_close_a_conversation_gets_nothing_more) {
  serve({.coroutine = [this](auto& ws) -> task {
    co_await ws.receive();
    ws.close(close_code{4000}, "bye");
    told.push_back(co_await ws.receive() ? "a message" : "nothing");
    co_await harpia::sleep(1s);
    told.push_back("never");
  }});
  auto client = world.connect("/");
  client.send("one");
  client.send("two");
  world.advance(5s);
  BOOST_TEST(told == (strings{"nothing", "close 4000"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(values_are_received_with_a_codec) {
  for (const auto stays : {harpia::on_undecodable::close, harpia::on_undecodable::stay}) {
    testing::world each;
    each.app().ws("/",
                  [](harpia::socket<no_data>& ws) -> task {
                    while (const auto made = co_await ws.receive(harpia::json<move>))
                      ws.send(std::to_string(made->column));
                  },
                  {.on_undecodable = stays});
    auto client = each.connect("/");
    client.send(R"({"column":3})");
    BOOST_TEST(client.received() == "3");
    client.send("garbage"); // nobody would receive what comes after it
    BOOST_TEST((client.closed().value().code == close_code::invalid_payload));
  }
}

BOOST_AUTO_TEST_CASE(an_undecodable_message_can_be_caught) {
  serve({.coroutine = [](auto& ws) -> task {
    for (;;)
      try {
        const auto made = co_await ws.receive(harpia::json<move>);
        if (!made)
          break;
        ws.send(std::to_string(made->column));
      } catch (const std::exception& undecodable) {
        ws.send("again, please");
      }
  }});
  auto client = world.connect("/");
  client.send("garbage");
  client.send(R"({"column":3})");
  BOOST_TEST(client.received_all() == (strings{"again, please", "3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_conversation_that_throws_fails_its_connection_or_begins_anew) {
  int lives = 0;
  const auto talk = [&lives](auto& ws) -> task {
    ws.send("life " + std::to_string(++lives));
    while (const auto received = co_await ws.receive())
      if (received->text() == "crash")
        throw std::runtime_error{"on purpose"};
      else
        ws.send(*received);
  };
  serve({.coroutine = talk});
  auto fails = world.connect("/");
  fails.send("crash");
  BOOST_TEST((fails.closed().value().code == close_code::internal_error));
  BOOST_TEST(told.front() == "the handler 'coroutine' of route '/' threw: on purpose");
  lives = 0;
  testing::world other;
  other.app().ws("/", {.coroutine = talk}, {.on_crash = harpia::on_crash::restart});
  auto begins_anew = other.connect("/");
  begins_anew.send("crash");
  begins_anew.send("still here");
  BOOST_TEST(begins_anew.received_all() == (strings{"life 1", "life 2", "still here"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(receiving_is_for_one_coroutine_of_a_route_with_a_conversation) {
  serve({.message = [](auto& ws, message) -> task { co_await ws.receive(); }});
  auto client = world.connect("/");
  client.send("hello");
  world.run();
  BOOST_TEST(told.front()
             == "the handler 'message' of route '/' threw: ws.receive needs 'coroutine' in the handlers of route '/'");
  testing::world other;
  other.app().ws("/", {.open = [](auto& ws) -> task { co_await ws.receive(); },
                       .error = [this](auto&, const harpia::error& what) { told.push_back(what.what()); },
                       .coroutine = [](auto& ws) -> task { co_await ws.receive(); }});
  auto second = other.connect("/");
  other.run();
  BOOST_TEST(told.back()
             == "the handler 'coroutine' of route '/' threw: two coroutines of a connection of route '/' receive messages");
}

BOOST_AUTO_TEST_CASE(a_conversation_excludes_other_receivers_of_messages) {
  const auto talk = [](auto&) -> task { co_return; };
  const auto refused = [](const auto& declare) -> std::string {
    try {
      declare();
    } catch (const std::invalid_argument& why) {
      return why.what();
    }
    return "not refused";
  };
  auto& app = world.app();
  BOOST_TEST(refused([&] { app.ws("/a", {.message = [](auto&, message_view) {}, .coroutine = talk}); })
             == "'/a' has a 'coroutine', and so cannot have the handler 'message'");
  BOOST_TEST(refused([&] { app.ws("/b", {.message_part = [](auto&, message_view, harpia::last_part) {}, .coroutine = talk}); })
             == "'/b' has a 'coroutine', and so cannot have the handler 'message_part'");
  BOOST_TEST(refused([&] { app.ws("/c", {.behaviour = [](auto*) -> caf::behavior { return {}; }, .coroutine = talk}); })
             == "'/c' has a 'coroutine', and so cannot have a 'behaviour'");
}

BOOST_AUTO_TEST_CASE(a_client_is_a_conversation_too) {
  strings heard;
  auto backend = world.listen("backend");
  world.start();
  auto connected = harpia::connect(world.app(), "ws://backend/", [&heard](harpia::socket<no_data>& ws) -> task {
    ws.send("hello");
    while (const auto received = co_await ws.receive())
      heard.push_back(std::string{received->text()});
  });
  auto peer = backend.accept();
  BOOST_TEST(peer.received() == "hello");
  peer.send("welcome");
  world.run();
  BOOST_TEST(heard == (strings{"welcome"}), boost::test_tools::per_element());
  connected.close();
  world.run();
}

// Actors

BOOST_AUTO_TEST_CASE(an_actor_is_asked) {
  const auto counter = test::spawn(world.system(), [](caf::event_based_actor*) -> caf::behavior {
    return {[](int number) -> caf::result<int> {
              if (number < 0)
                return caf::make_error(caf::sec::invalid_argument);
              return number + 1;
            },
            [](const std::string& text) -> caf::result<std::string, int> {
              return {text, static_cast<int>(text.size())};
            }};
  });
  serve({.message = [counter, silent = world.silent_actor()](auto& ws, message received) -> task {
    if (received.text() == "pair") {
      const auto pair = co_await harpia::ask<std::string, int>(counter, 1s, std::string{"four"});
      ws.send(std::get<0>(*pair) + std::to_string(std::get<1>(*pair)));
    } else if (received.text() == "silent") {
      const auto none = co_await harpia::ask<>(silent, 1s, 0);
      ws.send(none ? "answered" : none.error() == caf::sec::request_timeout ? "no answer" : "something else");
    } else {
      const auto answer = co_await harpia::ask<int>(counter, 1s, std::stoi(std::string{received.text()}));
      ws.send(answer ? std::to_string(*answer) : answer.error() == caf::sec::invalid_argument ? "refused" : "something else");
    }
  }});
  auto client = world.connect("/");
  for (const auto* each : {"1", "-1", "pair", "silent"})
    client.send(each);
  world.advance(2s);
  BOOST_TEST(client.received_all() == (strings{"2", "refused", "four4", "no answer"}), boost::test_tools::per_element());
}

// Schedules

BOOST_AUTO_TEST_CASE(coroutines_end_with_their_connections_under_every_schedule) {
  int alive_now = 0;
  testing::explore(1, 300,
                   [&alive_now](testing::world& each) {
                     const auto worker = test::spawn(each.system(), [](caf::event_based_actor*) -> caf::behavior {
                       return {[](int number) { return number; }};
                     });
                     each.app().ws("/talk",
                                   {.open = [&alive_now](auto&) -> task {
                                      const counted here{alive_now};
                                      co_await harpia::sleep(50ms);
                                    },
                                    .coroutine = [&alive_now, worker](auto& ws) -> task {
                                      const counted here{alive_now};
                                      const auto reply = co_await ws.call("ready?", 1s);
                                      while (const auto received = co_await ws.receive()) {
                                        const auto answer = co_await harpia::ask<int>(worker, 1s, 1);
                                        if (!answer || ws.send(*received) == harpia::send_status::buffered)
                                          co_await ws.drained();
                                      }
                                    }},
                                   {.calls = harpia::calls::enabled});
                     {
                       std::vector<testing::client> clients;
                       for (int i = 0; i < 4; ++i)
                         clients.push_back(each.connect("/talk"));
                       for (auto& client : clients) {
                         client.send("a");
                         client.send("reply 1\nyes");
                         client.send("b");
                       }
                       clients[0].cut();
                       clients[1].reset();
                       clients[2].close();
                       each.advance(3s);
                       auto received = clients[3].received_all();
                       std::erase_if(received, [](const std::string& text) { return text.starts_with("call"); });
                       if (received != strings{"a", "b"})
                         throw std::runtime_error{"messages are lost or out of order"};
                     }
                     each.advance(1min);
                     if (alive_now != 0)
                       throw std::runtime_error{std::to_string(alive_now) + " coroutines have outlived their connections"};
                   },
                   {.loops = 2});
}

BOOST_AUTO_TEST_SUITE_END()
