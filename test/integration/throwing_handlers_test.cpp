// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/captured_errors.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <future>
#include <optional>
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
using test::boom;
using test::lines;
using test::logging;
using test::number;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

struct throwing : test::logged_app {
  /// Adds "/bad", whose `handlers` throw, and "/good" beside it; starts.
  void serve(harpia::handlers<no_data> bad, const harpia::route_options& options = {}) {
    app.ws("/bad", std::move(bad), options);
    app.ws<no_data>("/good", {.message = [](auto& ws, message_view message) { ws.send(message); }});
    start();
    good.emplace(connect("/good"));
  }

  void check_that_others_are_undisturbed() {
    good->send_text("hello");
    BOOST_TEST(good->read_text() == "hello");
    auto another = connect("/good");
    another.send_text("hello");
    BOOST_TEST(another.read_text() == "hello");
  }

  void check_failed(test::raw_client& client, std::string_view handler) {
    auto frame = client.read_frame();
    while (frame.opcode != test::opcode::close)
      frame = client.read_frame();
    BOOST_TEST(test::decode_close(frame).first == 1011);
    client.send_close(1011);
    BOOST_TEST(client.at_eof());
    log.wait_for("close");
    BOOST_TEST(log.count("error: the handler '" + std::string{handler} + "' of route '/bad' threw: boom") == 1u);
    BOOST_TEST(log.count("error") == 1u);
    BOOST_TEST(log.count("close") == 1u);
    BOOST_TEST(log.lines().back() == "close 1011: ");
    check_that_others_are_undisturbed();
  }

  std::optional<test::raw_client> good;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(throwing_handlers, test::logged_app)

BOOST_FIXTURE_TEST_CASE(open_may_throw, throwing) {
  auto bad = logging(log);
  bad.open = [](auto&) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("never delivered");
  check_failed(client, "open");
  BOOST_TEST(log.count("message") == 0u);
}

BOOST_FIXTURE_TEST_CASE(message_may_throw, throwing) {
  auto bad = logging(log);
  bad.message = [](auto& ws, message_view) {
    ws.send("sent before it threw"sv);
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_raw(test::encode_frame({.payload = "a"}) + test::encode_frame({.payload = "b"}));
  BOOST_TEST(client.read_text() == "sent before it threw");
  check_failed(client, "message");
}

BOOST_FIXTURE_TEST_CASE(ping_may_throw, throwing) {
  auto bad = logging(log);
  bad.ping = [](auto&, std::string_view) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_frame(test::opcode::ping, "p");
  check_failed(client, "ping");
}

BOOST_FIXTURE_TEST_CASE(pong_may_throw, throwing) {
  auto bad = logging(log);
  bad.pong = [](auto&, std::string_view) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_frame(test::opcode::pong, "p");
  check_failed(client, "pong");
}

BOOST_FIXTURE_TEST_CASE(drain_may_throw, throwing) {
  auto bad = logging(log);
  bad.open = [](auto& ws) {
    ws.send(std::string(12 << 20, 'x')); // more than the kernel takes at once
  };
  bad.drain = [](auto&) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  check_failed(client, "drain");
}

BOOST_FIXTURE_TEST_CASE(close_may_throw, throwing) {
  auto bad = logging(log);
  bad.close = [this](auto&, close_code code, std::string_view) {
    log.add("close " + number(code));
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  close(client);
  log.wait_for("close");
  const lines expected{"open", "close 1000"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(error_may_throw, throwing) {
  auto bad = logging(log);
  bad.message = [](auto&, message_view) { boom(); };
  bad.error = [this](auto&, const harpia::error& what) {
    log.add("error: " + what.what());
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  check_failed(client, "message");
}

BOOST_FIXTURE_TEST_CASE(upgrade_may_throw, throwing) {
  auto bad = logging(log);
  bad.upgrade = [](auto&) { boom(); };
  serve(std::move(bad));
  const auto reply = upgrade("/bad");
  BOOST_TEST(reply.status == 500);
  BOOST_TEST(reply.body.find("boom") == std::string::npos);
  BOOST_TEST(log.lines().empty());
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(the_data_may_throw_when_it_is_made, throwing) {
  struct impossible {
    impossible() { boom(); }
  };
  app.ws<impossible>("/impossible", {});
  serve(logging(log));
  BOOST_TEST(upgrade("/impossible").status == 500);
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(the_data_may_throw_when_it_is_copied_for_a_restart, throwing) {
  struct unique {
    unique() = default;
    unique(const unique&) { boom(); }
    unique& operator=(const unique&) { boom(); }
    unique(unique&&) = default;
    unique& operator=(unique&&) = default;
    ~unique() = default;
  };
  app.ws<unique>("/unique", {.open = [this](auto&) { log.add("open"); }}, {.on_crash = harpia::on_crash::restart});
  serve(logging(log));
  auto client = connect("/unique");
  BOOST_TEST(client.read_close().first == 1011);
  client.send_close(1011);
  BOOST_TEST(client.at_eof());
  BOOST_TEST(log.lines().empty());
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(anything_may_be_thrown, throwing) {
  auto bad = logging(log);
  bad.message = [](auto&, message_view) { throw 42; };
  std::promise<int> thrown;
  bad.error = [&](auto&, const harpia::error& what) {
    try {
      std::rethrow_exception(what.cause());
    } catch (int value) {
      thrown.set_value(what.code() == errc::handler_threw ? value : 0);
    }
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_close().first == 1011);
  BOOST_TEST(thrown.get_future().get() == 42);
}

BOOST_FIXTURE_TEST_CASE(what_is_thrown_after_a_close_is_told_too, throwing) {
  auto bad = logging(log);
  bad.message = [](auto& ws, message_view) {
    ws.close(close_code{4000}, "bye");
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_close().first == 4000);
  client.send_close(4000);
  log.wait_for("close 4000: bye");
  BOOST_TEST(log.count("error: the handler 'message' of route '/bad' threw: boom") == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_an_outcome_throws_at_the_end_is_logged, throwing) {
  auto bad = logging(log);
  bad.message = [this](auto& ws, message_view) {
    const std::string large(12 << 20, 'x'); // more than the kernel takes at once
    ws.send(large, {.on_outcome = [](harpia::delivery_outcome) { boom(); }});
    log.add("sent");
  };
  const test::captured_errors errors;
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  log.wait_for("sent");
  client.reset();
  log.wait_for("close 1006");
  BOOST_TEST(errors.text().find("the handler 'on_outcome' of route '/bad' threw: boom [handler_failed") != std::string::npos);
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(arguments_that_break_the_protocol_are_thrown_into_the_handler, throwing) {
  auto bad = logging(log);
  bad.message = [this](auto& ws, message_view) {
    const auto refused = [&](auto call) {
      try {
        call();
      } catch (const std::invalid_argument& thrown) {
        log.add("refused: "s + thrown.what());
      }
    };
    refused([&] { ws.close(close_code::no_status); });
    refused([&] { ws.close(close_code{999}); });
    refused([&] { ws.close(close_code{5000}); });
    refused([&] { ws.close(close_code::normal, std::string(124, 'x')); });
    refused([&] { ws.close(close_code::normal, "\xff"); });
    refused([&] { ws.close(close_code::normal, "cut off: \xe2\x82"); });
    refused([&] { ws.handle().close(close_code::normal, std::string(124, 'x')); });
    refused([&] { ws.handle().close(close_code::normal, "\xff"); });
    refused([&] { harpia::client{}.close(close_code::normal, std::string(124, 'x')); });
    refused([&] { harpia::client{}.close(close_code::normal, "\xff"); });
    refused([&] { ws.send("caf\xc3"); });
    refused([&] { ws.send("caf\xc3", {.key = "k"}); });
    refused([&] { ws.handle().send("caf\xc3"); });
    refused([&] { ws.publish("all", "caf\xc3"); });
    refused([&] { app.group("all").publish("caf\xc3"); });
    refused([&] { ws.ping(std::string(126, 'x')); });
    refused([&] { ws.pong(std::string(126, 'x')); });
    ws.ping(std::string(125, 'x'));
    ws.close(close_code::normal, std::string(123, 'x'));
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_frame().payload == std::string(125, 'x'));
  BOOST_TEST((client.read_close() == std::pair{1000, std::string(123, 'x')}));
  BOOST_TEST(log.count("refused: a close reason must be UTF-8") == 4u);
  BOOST_TEST(log.count("refused: a close reason has at most 123 bytes, not 124") == 3u);
  BOOST_TEST(log.count("refused: a text message must be UTF-8") == 5u);
  BOOST_TEST(log.count("refused") == 17u);
  BOOST_TEST(log.count("error") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
