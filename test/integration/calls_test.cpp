// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::call_error;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

using lines = std::vector<std::string>;

struct kept_answers {
  std::vector<harpia::reply> answers;
};

struct fixture {
  /// Has `options` enable calls, adds the route "/" and starts.
  template <class Data>
  void serve(harpia::handlers<Data> handlers, harpia::route_options options = {}) {
    options.calls = harpia::calls::enabled;
    app.ws<Data>("/", std::move(handlers), std::move(options));
    start();
  }
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }

  [[nodiscard]] test::raw_client connect(const test::raw_client_options& options = {}) const {
    auto client = test::raw_client::tcp(app.port(), options);
    BOOST_REQUIRE(client.upgrade("/").status == 101);
    return client;
  }

  /// Calls with `text` and logs the outcome.
  template <class Socket>
  void call(Socket& ws, std::string_view text, std::chrono::milliseconds timeout = 1h) {
    ws.call(text, timeout)
        .then(
            [this, asked = std::string{text}](message_view reply) {
              log.add(asked + ": " + (reply.is_text() ? "text " : "binary ") + std::string{reply.text()});
            },
            [this, asked = std::string{text}](const call_error& error) {
              log.add(asked + ": " + std::string{to_string(error.why)} + " " + error.text);
            });
  }

  /// Handlers that make each message that comes a call, and log it.
  [[nodiscard]] harpia::handlers<no_data> calling() {
    return {
        .message =
            [this](auto& ws, message_view message) {
              log.add("message " + std::string{message.text()});
              call(ws, message.text());
            },
        .close = [this](auto&, close_code code, std::string_view) { log.add("close " + std::to_string(static_cast<int>(code))); },
        .error = [this](auto&, const harpia::error& what) { log.add("error: " + what.what()); },
    };
  }

  test::event_log log; // outlives the app, whose handlers write to it
  harpia::app app{{.stop_timeout = 300ms}};
};

void close(test::raw_client& client) {
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(calls, fixture)

// Calls of ours

BOOST_AUTO_TEST_CASE(the_reply_comes_to_the_call_of_its_id_in_whatever_order) {
  serve(calling());
  auto client = connect();
  client.send_text("a");
  client.send_text("b");
  client.send_text("c");
  BOOST_TEST(client.read_text() == "call 1\na");
  BOOST_TEST(client.read_text() == "call 2\nb");
  BOOST_TEST(client.read_text() == "call 3\nc");
  client.send_text("reply 3\nfor c");
  client.send_binary("reply 1\n\0\xff"sv);
  client.send_text("reply 2\n");
  log.wait_for("b:");
  const lines expected{"message a", "message b", "message c", "c: text for c", "a: binary \0\xff"s, "b: text "};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_may_refuse_and_say_why) {
  serve(calling());
  auto client = connect();
  client.send_text("a");
  BOOST_TEST(client.read_text() == "call 1\na");
  client.send_text("error 1\nnot today");
  log.wait_for("a: refused not today");
}

BOOST_AUTO_TEST_CASE(a_call_can_be_binary) {
  serve<no_data>({.open = [](auto& ws) { ws.call(std::as_bytes(std::span{"\x01\x02", 2}), 1h); }});
  auto client = connect();
  BOOST_TEST(client.read_binary() == "call 1\n\x01\x02");
}

BOOST_AUTO_TEST_CASE(what_is_not_answered_in_time_times_out_once_and_a_late_reply_is_ignored) {
  serve<no_data>({.open = [this](auto& ws) { call(ws, "a", 1ms); },
                  .message = [this](auto&, message_view message) { log.add("message " + std::string{message.text()}); }});
  auto client = connect();
  BOOST_TEST(client.read_text() == "call 1\na");
  log.wait_for("a: timed_out");
  client.send_text("reply 1\ntoo late");
  client.send_text("error 1\ntoo late");
  client.send_text("reply 4711\nnobody asked");
  client.send_text("end");
  log.wait_for("message end");
  const lines expected{"a: timed_out ", "message end"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_time_of_a_call_counts_from_the_call_however_long_its_handler_has_run) {
  using clock = std::chrono::steady_clock;
  serve<no_data>({.message = [this](auto& ws, message_view) {
    for (const auto began = clock::now(); clock::now() < began + 350ms;) { // the handler takes its time
    }
    ws.call("a", 200ms)
        .then([](message_view) {},
              [this, called = clock::now()](const call_error& error) {
                log.add(std::string{to_string(error.why)} + (clock::now() - called >= 200ms ? " in time" : " early"));
              });
  }});
  auto client = connect();
  client.send_text("go");
  log.wait_for("timed_out");
  BOOST_TEST(log.lines().front() == "timed_out in time");
}

BOOST_AUTO_TEST_CASE(what_waits_when_the_connection_ends_is_told_so_right_before_close) {
  serve(calling());
  for (const bool orderly : {true, false}) {
    const auto before = log.lines().size();
    auto client = connect();
    client.send_text("a");
    client.send_text("b");
    BOOST_TEST(client.read_text() == "call 1\na");
    BOOST_TEST(client.read_text() == "call 2\nb");
    if (orderly)
      client.send_close(1000);
    else
      client.reset();
    log.wait_for("close", orderly ? 1 : 2);
    auto lines_since = log.lines();
    lines_since.erase(lines_since.begin(), lines_since.begin() + static_cast<std::ptrdiff_t>(before));
    std::erase_if(lines_since, [](const auto& line) { return line.starts_with("error"); });
    const lines expected{"message a", "message b", "a: closed ", "b: closed ", orderly ? "close 1000" : "close 1006"};
    BOOST_TEST(lines_since == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(who_calls_on_a_connection_that_closes_hears_it_at_once) {
  serve<no_data>({.message =
                      [this](auto& ws, message_view) {
                        ws.close();
                        call(ws, "late");
                        log.add("called");
                      },
                  .close = [this](auto& ws, close_code, std::string_view) { call(ws, "later"); }});
  auto client = connect();
  client.send_text("go");
  BOOST_TEST(client.read_close().first == 1000);
  client.send_close(1000);
  log.wait_for("later");
  const lines expected{"late: closed ", "called", "later: closed "};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_more_calls_wait_than_the_route_allows) {
  serve(calling(), {.max_pending_calls = 1});
  auto client = connect();
  client.send_text("a");
  client.send_text("b");
  BOOST_TEST(client.read_text() == "call 1\na");
  log.wait_for("b: dropped");
  client.send_text("reply 1\n");
  client.send_text("c");
  BOOST_TEST(client.read_text() == "call 2\nc");
}

BOOST_AUTO_TEST_CASE(a_call_that_the_policy_refuses_is_dropped_at_once) {
  serve<no_data>({.message =
                      [this](auto& ws, message_view) {
                        ws.send(std::string(16 << 20, 'x')); // more than the kernel takes for a client that does not read
                        call(ws, "a");
                        log.add("called");
                      }},
                 {.max_buffered = 1 << 20});
  auto client = connect({.receive_buffer = 4096});
  client.send_text("go");
  log.wait_for("called");
  const lines expected{"a: dropped ", "called"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_call_that_makes_room_for_newer_messages_is_dropped_too) {
  serve<no_data>({.open =
                      [this](auto& ws) {
                        ws.send(std::string(16 << 20, 'x')); // under way, and so it stays
                        call(ws, std::string(6 << 20, 'y'));
                        ws.send(std::string(6 << 20, 'z'));
                      }},
                 {.max_buffered = 45 << 19, .on_limit = harpia::on_limit::drop_oldest});
  auto client = connect({.receive_buffer = 4096});
  log.wait_for("yyy");
  BOOST_TEST(log.lines().at(0).ends_with("y: dropped "));
}

BOOST_AUTO_TEST_CASE(an_outcome_that_nobody_asked_for_is_forgotten) {
  serve<no_data>(
      {.open = [](auto& ws) { ws.call("a"sv, 1h); }, .message = [](auto& ws, message_view message) { ws.send(message); }});
  auto client = connect();
  BOOST_TEST(client.read_text() == "call 1\na");
  client.send_text("reply 1\n");
  client.send_text("still there?");
  BOOST_TEST(client.read_text() == "still there?");
}

BOOST_AUTO_TEST_CASE(who_throws_at_an_outcome_fails_the_connection) {
  serve<no_data>({.open = [](auto& ws) { ws.call("a"sv, 1h).then([](message_view) { throw std::runtime_error{"bad news"}; }); },
                  .error = [this](auto&, const harpia::error& what) { log.add(what.what()); }});
  auto client = connect();
  BOOST_TEST(client.read_text() == "call 1\na");
  client.send_text("reply 1\n");
  BOOST_TEST(client.read_close().first == 1011);
  log.wait_for("the handler 'reply' of route '/' threw: bad news");
}

BOOST_AUTO_TEST_CASE(at_an_outcome_the_socket_can_be_used) {
  serve<no_data>({.open = [this](auto& ws) {
    ws.call("a"sv, 1h).then([this, &ws](message_view reply) {
      ws.send(reply);
      call(ws, "b");
    });
  }});
  auto client = connect();
  BOOST_TEST(client.read_text() == "call 1\na");
  client.send_text("reply 1\nA");
  BOOST_TEST(client.read_text() == "A");
  BOOST_TEST(client.read_text() == "call 2\nb");
  client.send_text("reply 2\nB");
  log.wait_for("b: text B");
}

BOOST_AUTO_TEST_CASE(a_timeout_is_more_than_0) {
  serve<no_data>({.open = [this](auto& ws) {
    for (const auto timeout : {0ms, -1ms})
      try {
        ws.call("a"sv, timeout);
      } catch (const std::invalid_argument& refused) {
        log.add(refused.what());
      }
  }});
  auto client = connect();
  log.wait_for("the timeout of a call must be more than 0, but is 0 ms");
  log.wait_for("the timeout of a call must be more than 0, but is -1 ms");
}

BOOST_AUTO_TEST_CASE(a_route_that_does_not_enable_calls_has_none) {
  app.ws<no_data>("/", {.open =
                            [this](auto& ws) {
                              try {
                                ws.call("a"sv, 1h);
                              } catch (const std::logic_error& refused) {
                                log.add(refused.what());
                              }
                            },
                        .message = [](auto& ws, message_view message) { ws.send(message); },
                        .call = [this](auto&, message_view, harpia::reply) { log.add("called"); }});
  start();
  auto client = connect();
  for (const auto* text : {"call 1\na", "reply 1\na", "error 1\na"}) {
    client.send_text(text);
    BOOST_TEST(client.read_text() == text);
  }
  BOOST_TEST(log.lines().size() == 1u);
  BOOST_TEST(log.count("ws.call needs 'calls = harpia::calls::enabled' in the options of route '/'") == 1u);
}

// Calls of the peer's

BOOST_AUTO_TEST_CASE(a_call_of_the_peer_is_answered_under_its_id) {
  serve<no_data>({.message = [](auto& ws, message_view message) { ws.send("not " + std::string{message.text()}); },
                  .call = [](auto&, message_view request, harpia::reply answer) { answer(request); }});
  auto client = connect();
  client.send_text("call 7\nhello");
  BOOST_TEST(client.read_text() == "reply 7\nhello");
  client.send_binary("call 18446744073709551615\n\0"sv);
  BOOST_TEST(client.read_binary() == "reply 18446744073709551615\n\0"sv);
  client.send_text("call 8\n");
  BOOST_TEST(client.read_text() == "reply 8\n");
  client.send_text("call x\nhello");
  BOOST_TEST(client.read_text() == "not call x\nhello");
}

BOOST_AUTO_TEST_CASE(a_value_can_be_the_answer) {
  serve<no_data>({.call = [](auto&, message_view, harpia::reply answer) { answer(harpia::json<std::vector<int>>, {1, 2}); }});
  auto client = connect();
  client.send_text("call 1\n");
  BOOST_TEST(client.read_text() == "reply 1\n[1,2]");
}

BOOST_AUTO_TEST_CASE(a_call_can_be_refused) {
  serve<no_data>({.call = [](auto&, message_view, harpia::reply answer) { answer.refuse("not you"); }});
  auto client = connect();
  client.send_text("call 1\nopen the door");
  BOOST_TEST(client.read_text() == "error 1\nnot you");
}

BOOST_AUTO_TEST_CASE(without_a_handler_there_is_no_such_call) {
  serve<no_data>({.message = [this](auto&, message_view) { log.add("message"); }});
  auto client = connect();
  client.send_text("call 1\nhello");
  BOOST_TEST(client.read_text() == "error 1\nno such call");
  BOOST_TEST(log.lines().empty());
}

BOOST_AUTO_TEST_CASE(an_answer_may_come_later_and_out_of_order) {
  serve<kept_answers>(
      {.message =
           [](auto& ws, message_view message) {
             ws.data.answers.back()(message);
             ws.data.answers.pop_back();
           },
       .call = [](auto& ws, message_view, harpia::reply answer) { ws.data.answers.push_back(std::move(answer)); }});
  auto client = connect();
  client.send_text("call 1\n");
  client.send_text("call 2\n");
  client.send_text("two");
  client.send_text("one");
  BOOST_TEST(client.read_text() == "reply 2\ntwo");
  BOOST_TEST(client.read_text() == "reply 1\none");
}

BOOST_AUTO_TEST_CASE(on_its_own_thread_an_answer_keeps_its_place) {
  serve<no_data>({.call = [](auto& ws, message_view, harpia::reply answer) {
    ws.send("before");
    answer("answer");
    ws.send("behind");
  }});
  auto client = connect();
  client.send_text("call 1\n");
  BOOST_TEST(client.read_text() == "before");
  BOOST_TEST(client.read_text() == "reply 1\nanswer");
  BOOST_TEST(client.read_text() == "behind");
}

BOOST_AUTO_TEST_CASE(an_answer_may_come_from_any_thread) {
  std::vector<std::jthread> workers; // joined before the app goes
  serve<no_data>({.call = [&](auto&, message_view request, harpia::reply answer) {
    workers.emplace_back([answer = std::move(answer), text = std::string{request.text()}]() mutable {
      if (text == "drop")
        return;
      answer("done: " + text);
    });
  }});
  auto client = connect();
  client.send_text("call 1\nwork");
  BOOST_TEST(client.read_text() == "reply 1\ndone: work");
  client.send_text("call 2\ndrop");
  BOOST_TEST(client.read_text() == "error 2\nnot answered");
  close(client);
  app.stop();
  app.wait();
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_dropped_unused_tells_the_peer) {
  serve<kept_answers>({.message = [](auto& ws, message_view) { ws.data.answers.clear(); },
                       .call =
                           [](auto& ws, message_view, harpia::reply answer) {
                             ws.data.answers = {answer, answer, std::move(answer)};
                           }});
  auto client = connect();
  client.send_text("call 1\n");
  client.send_text("forget it");
  BOOST_TEST(client.read_text() == "error 1\nnot answered");
}

BOOST_AUTO_TEST_CASE(only_the_first_answer_counts) {
  serve<no_data>({.call = [this](auto&, message_view, harpia::reply answer) {
    const auto other = answer;
    log.add(std::string{to_string(answer("first"))});
    log.add(std::string{to_string(other("second"))});
    log.add(std::string{to_string(other.refuse("third"))});
  }});
  auto client = connect();
  client.send_text("call 1\n");
  BOOST_TEST(client.read_text() == "reply 1\nfirst");
  client.send_text("call 2\n");
  BOOST_TEST(client.read_text() == "reply 2\nfirst");
  log.wait_for("closed", 4);
  BOOST_TEST(log.lines().at(0) == "sent");
}

BOOST_AUTO_TEST_CASE(an_answer_may_outlive_its_connection_and_its_app) {
  std::optional<harpia::reply> kept;
  {
    harpia::app other;
    other.ws<no_data>("/",
                      {.call =
                           [&](auto&, message_view, harpia::reply answer) {
                             kept = std::move(answer);
                             log.add("kept");
                           },
                       .close = [this](auto&, close_code, std::string_view) { log.add("close"); }},
                      {.calls = harpia::calls::enabled});
    other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
    auto client = test::raw_client::tcp(other.port());
    BOOST_REQUIRE(client.upgrade("/").status == 101);
    client.send_text("call 1\n");
    log.wait_for("kept");
    close(client);
    log.wait_for("close");
    BOOST_TEST((kept->refuse("too late") == send_status::closed));
  }
  BOOST_TEST(((*kept)("much too late") == send_status::closed));
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_leaves_the_call_unanswered_and_fails_the_connection) {
  serve<no_data>({.call = [](auto&, message_view, harpia::reply) { throw std::runtime_error{"boom"}; },
                  .error = [this](auto&, const harpia::error& what) { log.add(what.what()); }});
  auto client = connect();
  client.send_text("call 1\n");
  BOOST_TEST(client.read_text() == "error 1\nnot answered");
  BOOST_TEST(client.read_close().first == 1011);
  log.wait_for("the handler 'call' of route '/' threw: boom");
}

BOOST_AUTO_TEST_CASE(no_more_calls_of_the_peer_wait_than_the_route_allows) {
  serve<kept_answers>(
      {.message =
           [](auto& ws, message_view message) {
             if (message.text() == "answer")
               ws.data.answers.front()("");
             else
               ws.data.answers.clear();
           },
       .call = [](auto& ws, message_view, harpia::reply answer) { ws.data.answers.push_back(std::move(answer)); }},
      {.max_pending_calls = 2});
  auto client = connect();
  for (const auto* text : {"call 1\n", "call 2\n", "call 3\n"})
    client.send_text(text);
  BOOST_TEST(client.read_text() == "error 3\ntoo many calls");
  client.send_text("answer");
  BOOST_TEST(client.read_text() == "reply 1\n");
  client.send_text("call 4\n");
  client.send_text("call 5\n");
  BOOST_TEST(client.read_text() == "error 5\ntoo many calls");
  client.send_text("forget them");
  BOOST_TEST(client.read_text() == "error 2\nnot answered");
  BOOST_TEST(client.read_text() == "error 4\nnot answered");
}

BOOST_AUTO_TEST_CASE(calls_of_both_sides_with_one_id_are_different_calls) {
  serve<no_data>({.call = [this](auto& ws, message_view, harpia::reply answer) {
    ws.call("and you?"sv, 1h).then([this, answer](message_view reply) {
      answer(reply);
      log.add("answered");
    });
  }});
  auto client = connect();
  client.send_text("call 1\nwho?");
  BOOST_TEST(client.read_text() == "call 1\nand you?");
  client.send_text("reply 1\nme");
  BOOST_TEST(client.read_text() == "reply 1\nme");
  log.wait_for("answered");
}

// Calls beside behaviours and middleware

BOOST_AUTO_TEST_CASE(a_behaviour_is_called_by_a_message) {
  app.ws(
      "/",
      [](harpia::connection<no_data>*) -> caf::behavior {
        return {[](const harpia::event::called& call) { call.answer("answer to " + call.payload); }};
      },
      harpia::route_options{.calls = harpia::calls::enabled});
  start();
  auto client = connect();
  client.send_text("call 7\nquestion");
  BOOST_TEST(client.read_text() == "reply 7\nanswer to question");
}

BOOST_AUTO_TEST_CASE(a_behaviour_that_takes_no_calls_leaves_them_unanswered) {
  app.ws(
      "/", [](harpia::connection<no_data>*) -> caf::behavior { return {[](const harpia::event::text&) {}}; },
      harpia::route_options{.calls = harpia::calls::enabled});
  start();
  auto client = connect();
  client.send_text("call 7\nquestion");
  BOOST_TEST(client.read_text() == "error 7\nnot answered");
}

BOOST_AUTO_TEST_CASE(calls_pass_through_middleware_as_messages_do) {
  app.use({.message = [this](harpia::socket_base&, message_view message, const harpia::next_handler& next) {
    log.add(std::string{message.text()});
    if (message.text() != "call 1\nheld back")
      next(message);
  }});
  serve<no_data>({.call = [](auto&, message_view request, const harpia::reply& answer) { answer(request); }});
  auto client = connect();
  client.send_text("call 1\nheld back");
  client.send_text("call 2\nlet through");
  BOOST_TEST(client.read_text() == "reply 2\nlet through");
  BOOST_TEST(log.lines() == (lines{"call 1\nheld back", "call 2\nlet through"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
