// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>
#include <harpia/json.hpp>

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::errc;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::string_view_literals;

using lines = std::vector<std::string>;

struct question {
  std::string symbol;
  int amount = 0;
};
BOOST_DESCRIBE_STRUCT(question, (), (symbol, amount))

struct quote {
  int total = 0;
};
BOOST_DESCRIBE_STRUCT(quote, (), (total))

/// A codec of one's own: a number is a binary message of so many bytes.
struct unary {
  using message_type = std::size_t;
  static constexpr auto kind = harpia::message_kind::binary;
  [[nodiscard]] harpia::decoded<std::size_t> decode(message_view message) const {
    const auto end = message.text().find_first_not_of('|');
    if (end != std::string_view::npos)
      return harpia::decode_failure{"no stroke", end};
    return message.size();
  }
  [[nodiscard]] std::string encode(std::size_t number) const { return std::string(number, '|'); }
};

struct fixture {
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }
  [[nodiscard]] test::raw_client connect(std::string_view path = "/") const {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }

  /// The route "/" takes questions; everything that happens is logged.
  void serve_questions() {
    app.ws("/", harpia::json<question>,
           {
               .message = [this](auto&, const question& asked) { log.add("asked " + asked.symbol); },
               .close = [this](auto&, close_code code,
                               std::string_view) { log.add("close " + std::to_string(static_cast<int>(code))); },
               .error =
                   [this](auto& ws, const harpia::error& what) {
                     log.add(what.what());
                     log.add(what.code() == errc::undecodable_message ? "undecodable" : "something else");
                     log.add(what.position() ? "at " + std::to_string(*what.position()) : "nowhere");
                     ws.send("no: " + what.what());
                   },
           });
    start();
  }

  test::event_log log; // outlives the app, whose handlers write to it
  harpia::app app;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(typed, fixture)

BOOST_AUTO_TEST_CASE(messages_come_decoded_and_values_are_sent_encoded) {
  struct asker {
    int questions = 0;
  };
  app.ws<asker>("/", harpia::json<question>, {.message = [](auto& ws, const question& asked) {
                  ws.send(harpia::json<quote>, {.total = asked.amount * 10 + ++ws.data.questions});
                }});
  start();
  auto client = connect();
  client.send_text(R"({"symbol":"ACME","amount":4})");
  BOOST_TEST(client.read_text() == R"({"total":41})");
  client.send_text(R"({"amount":5,"symbol":"ACME"})");
  BOOST_TEST(client.read_text() == R"({"total":52})");
}

BOOST_AUTO_TEST_CASE(a_handler_may_leave_the_type_to_the_codec) {
  app.ws("/", harpia::json<question>, {.message = [](auto& ws, const auto& asked) { ws.send(asked.symbol); }},
         {.max_payload = 100});
  start();
  auto client = connect();
  client.send_text(R"({"symbol":"ACME","amount":4})");
  BOOST_TEST(client.read_text() == "ACME");
  client.send_text(std::string(101, ' '));
  BOOST_TEST(client.read_close().first == 1009);
}

BOOST_AUTO_TEST_CASE(a_router_has_typed_routes_too) {
  harpia::router api{"/api"};
  api.ws("/", harpia::json<int>, {.message = [](auto& ws, int number) { ws.send(harpia::json<int>, number + 1); }});
  app.routes(api);
  start();
  auto client = connect("/api");
  client.send_text("41");
  BOOST_TEST(client.read_text() == "42");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_decoded_is_an_error_that_may_be_answered_before_1007) {
  serve_questions();
  auto client = connect();
  client.send_raw(test::encode_frame({.payload = R"({"symbol":"ACME","amount":4})"})
                  + test::encode_frame({.payload = R"({"symbol":"ACME" "amount":4})"})
                  + test::encode_frame({.payload = R"({"symbol":"BEHIND","amount":4})"}));
  constexpr auto complaint = "the peer sent a message that cannot be decoded: no JSON: syntax error at byte 17"sv;
  BOOST_TEST(client.read_text() == "no: " + std::string{complaint});
  BOOST_TEST(client.read_close().first == 1007);
  client.send_close(1007);
  log.wait_for("close");
  const lines expected{"asked ACME", std::string{complaint}, "undecodable", "at 17", "close 1007"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_value_of_another_shape_is_an_error_too) {
  serve_questions();
  auto client = connect();
  client.send_text(" [1,2]");
  BOOST_TEST(client.read_text().starts_with("no: the peer sent a message that cannot be decoded: JSON of another shape: "));
  BOOST_TEST(client.read_close().first == 1007);
  log.wait_for("undecodable");
  BOOST_TEST(log.count("at 1") == 1u);
}

BOOST_AUTO_TEST_CASE(a_message_of_the_other_kind_is_an_error_too) {
  serve_questions();
  auto client = connect();
  client.send_binary(R"({"symbol":"ACME","amount":4})");
  BOOST_TEST(client.read_text()
             == "no: the peer sent a message that cannot be decoded: a binary message where text is expected at byte 0");
  BOOST_TEST(client.read_close().first == 1007);
  BOOST_TEST(log.count("asked") == 0u);
}

BOOST_AUTO_TEST_CASE(the_error_handler_is_optional) {
  app.ws("/", harpia::json<int>, {.message = [this](auto&, int) { log.add("message"); }});
  start();
  auto client = connect();
  client.send_text("one");
  BOOST_TEST(client.read_close().first == 1007);
  BOOST_TEST(log.lines().empty());
}

BOOST_AUTO_TEST_CASE(an_error_handler_that_closes_by_itself_chooses_the_code) {
  app.ws("/", harpia::json<int>,
         {.message = [](auto&, int) {},
          .error = [](auto& ws, const harpia::error&) { ws.close(close_code{4000}, "numbers only"); }});
  start();
  auto client = connect();
  client.send_text("one");
  const auto [code, reason] = client.read_close();
  BOOST_TEST(code == 4000);
  BOOST_TEST(reason == "numbers only");
}

BOOST_AUTO_TEST_CASE(an_error_handler_that_throws_changes_nothing) {
  app.ws("/", harpia::json<int>,
         {.message = [](auto&, int) {}, .error = [](auto&, const harpia::error&) { throw std::runtime_error{"boom"}; }});
  start();
  auto client = connect();
  client.send_text("one");
  BOOST_TEST(client.read_close().first == 1007);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_is_at_fault_as_everywhere) {
  app.ws("/", harpia::json<int>,
         {.message = [](auto&, int) { throw std::runtime_error{"boom"}; },
          .error = [this](auto&, const harpia::error& what) { log.add(what.position() ? "at" : what.what()); }});
  start();
  auto client = connect();
  client.send_text("1");
  BOOST_TEST(client.read_close().first == 1011);
  log.wait_for("the handler 'message' of route '/' threw: boom");
}

BOOST_AUTO_TEST_CASE(without_a_message_handler_nothing_is_decoded) {
  app.ws("/", harpia::json<int>, {.ping = [](auto& ws, std::string_view payload) { ws.send(payload); }});
  start();
  auto client = connect();
  client.send_text("one");
  client.send_frame(test::opcode::ping, "still there?");
  BOOST_TEST(client.read_frame().payload == "still there?");
}

BOOST_AUTO_TEST_CASE(a_codec_of_ones_own_chooses_kind_and_position) {
  app.ws("/", unary{},
         {.message = [](auto& ws, std::size_t number) { ws.send(unary{}, number * 2); },
          .error = [](auto& ws, const harpia::error& what) { ws.send(std::to_string(what.position().value())); }});
  start();
  auto client = connect();
  client.send_binary("|||");
  BOOST_TEST(client.read_binary() == "||||||");
  client.send_binary("||x");
  BOOST_TEST(client.read_text() == "2");
  BOOST_TEST(client.read_close().first == 1007);
}

BOOST_AUTO_TEST_CASE(a_typed_group_publishes_messages_of_its_codecs_kind) {
  app.ws<no_data>("/", {.open = [](auto& ws) {
                    ws.subscribe("room");
                    ws.send("joined");
                  }});
  start();
  auto client = connect();
  BOOST_TEST(client.read_text() == "joined");
  harpia::group_of numbers{app.group("room"), unary{}};
  numbers.publish(3);
  BOOST_TEST(client.read_binary() == "|||");
  const harpia::group_of<quote> quotes{app.group("room"), harpia::json<quote>};
  quotes.publish({.total = 7});
  BOOST_TEST(client.read_text() == R"({"total":7})");
}

BOOST_AUTO_TEST_CASE(a_handle_sends_values_as_the_socket_does) {
  app.ws("/", harpia::json<int>,
         {.message = [](auto& ws, int number) { ws.handle().send(harpia::json<quote>, {.total = number}); }});
  start();
  auto client = connect();
  client.send_text("7");
  BOOST_TEST(client.read_text() == R"({"total":7})");
}

BOOST_AUTO_TEST_SUITE_END()
