// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::delivery_outcome;
using harpia::message_view;
using harpia::next_sender;
using harpia::send_status;
using harpia::socket_base;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

/// A layer that puts its name around what is sent.
harpia::middleware wrapped_in(const std::string& name) {
  return {.send = [name](socket_base&, message_view message, const next_sender& next) {
    return next(message_view{name + "(" + std::string{message.text()} + ")"});
  }};
}

/// A layer that lets nothing out that begins with "secret".
harpia::middleware discreet() {
  return {.send = [](socket_base&, message_view message, const next_sender& next) {
    return message.text().starts_with("secret") ? send_status::dropped : next(message);
  }};
}

} // namespace

BOOST_AUTO_TEST_SUITE(send_layers)

BOOST_AUTO_TEST_CASE(what_is_sent_leaves_through_the_layers_from_the_inside_out) {
  testing::world world;
  auto& app = world.app();
  app.use(wrapped_in("outer"));
  app.use("/echo", wrapped_in("inner"));
  app.ws("/echo", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  app.ws("/other", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  auto echo = world.connect("/echo");
  auto other = world.connect("/other");
  echo.send("x");
  other.send("x");
  BOOST_TEST(echo.received() == "outer(inner(x))");
  BOOST_TEST(other.received() == "outer(x)");
}

BOOST_AUTO_TEST_CASE(a_layer_may_hold_a_message_back_and_says_what_the_sender_learns) {
  testing::world world;
  std::vector<send_status> learned;
  send_status refused{};
  std::optional<delivery_outcome> outcome;
  world.app().use(discreet());
  world.app().ws("/", {.open = [&](auto& ws) {
                   learned = {ws.send("secret"), ws.send("public")};
                   refused = ws.send("secret too", {.on_outcome = [&](delivery_outcome told) { outcome = told; }});
                 }});
  auto client = world.connect("/");
  BOOST_TEST(client.received_all() == strings{"public"}, boost::test_tools::per_element());
  BOOST_TEST((learned == std::vector{send_status::dropped, send_status::sent}));
  BOOST_TEST((refused == send_status::dropped));
  BOOST_TEST((outcome == std::nullopt));
}

BOOST_AUTO_TEST_CASE(a_message_that_a_layer_answers_for_and_does_not_pass_on_is_dropped) {
  testing::world world;
  std::vector<delivery_outcome> outcomes;
  world.app().use({.send = [](socket_base&, message_view, const next_sender&) { return send_status::sent; }});
  world.app().ws("/", {.open = [&](auto& ws) {
                   ws.send("hello", {.on_outcome = [&](delivery_outcome told) { outcomes.push_back(told); }});
                 }});
  auto client = world.connect("/");
  BOOST_TEST((outcomes == std::vector{delivery_outcome::dropped}));
}

BOOST_AUTO_TEST_CASE(a_layer_may_send_more_than_one_message_and_a_notification_is_of_the_first) {
  testing::world world;
  std::vector<delivery_outcome> outcomes;
  world.app().use({.send = [](socket_base&, message_view message, const next_sender& next) {
    next(message_view{"about to say:"});
    return next(message);
  }});
  world.app().ws("/", {.open = [&](auto& ws) {
                   ws.send("hello", {.on_outcome = [&](delivery_outcome told) { outcomes.push_back(told); }});
                 }});
  auto client = world.connect("/");
  BOOST_TEST(client.received_all() == (strings{"about to say:", "hello"}), boost::test_tools::per_element());
  BOOST_TEST((outcomes == std::vector{delivery_outcome::taken}));
}

BOOST_AUTO_TEST_CASE(handles_behaviours_and_calls_send_through_the_layers_and_groups_do_not) {
  testing::world world;
  harpia::handle handle;
  auto& app = world.app();
  app.use(wrapped_in("out"));
  app.ws("/callbacks", {.open = [&](auto& ws) {
           handle = ws.handle();
           ws.subscribe("all");
         }});
  app.ws("/behaviour", [](harpia::connection<harpia::no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& message) { self->send(message); }};
  });
  app.ws("/calls", {.open = [](auto& ws) { ws.call("ready?", 5s); }}, {.calls = harpia::calls::enabled});
  auto callbacks = world.connect("/callbacks");
  BOOST_TEST((handle.send("from elsewhere") == send_status::sent));
  world.run();
  app.publish("all", "to everybody");
  world.run();
  BOOST_TEST(callbacks.received_all() == (strings{"out(from elsewhere)", "to everybody"}), boost::test_tools::per_element());
  auto behaviour = world.connect("/behaviour");
  behaviour.send("x");
  BOOST_TEST(behaviour.received() == "out(x)");
  auto calls = world.connect("/calls");
  const auto envelope = calls.received();
  BOOST_TEST(envelope.starts_with("out("));
  BOOST_TEST(envelope.ends_with("ready?)"));
}

BOOST_AUTO_TEST_CASE(a_layer_made_for_each_connection_remembers_what_that_one_was_sent) {
  testing::world world;
  world.app().use([] {
    return harpia::middleware{.send = [count = 0](socket_base&, message_view message, const next_sender& next) mutable {
      return next(message_view{std::to_string(++count) + ". " + std::string{message.text()}});
    }};
  });
  world.app().ws("/", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  auto ann = world.connect("/");
  auto bob = world.connect("/");
  for (auto* client : {&ann, &ann, &bob})
    client->send("x");
  BOOST_TEST(ann.received_all() == (strings{"1. x", "2. x"}), boost::test_tools::per_element());
  BOOST_TEST(bob.received() == "1. x");
}

BOOST_AUTO_TEST_CASE(what_a_layer_throws_is_the_failure_of_whoever_sends_or_of_the_connection) {
  testing::world world;
  harpia::handle handle;
  std::string caught;
  auto& app = world.app();
  app.use(
      {.send = [](socket_base&, message_view, const next_sender&) -> send_status { throw std::runtime_error{"cannot send"}; }});
  app.ws("/sends", {.open = [&](auto& ws) {
           try {
             ws.send("x");
           } catch (const std::runtime_error& failure) {
             caught = failure.what();
           }
         }});
  app.ws("/is_sent_to", {.open = [&](auto& ws) { handle = ws.handle(); }});
  auto sends = world.connect("/sends");
  BOOST_TEST(caught == "cannot send");
  BOOST_TEST(sends.is_open());
  auto is_sent_to = world.connect("/is_sent_to");
  handle.send("x");
  world.run();
  BOOST_REQUIRE(is_sent_to.closed());
  BOOST_TEST((is_sent_to.closed()->code == close_code::internal_error));
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_of_layers_once_the_connection_closes) {
  testing::world world;
  int asked = 0;
  std::vector<send_status> learned;
  world.app().use({.send = [&](socket_base&, message_view message, const next_sender& next) {
    ++asked;
    return next(message);
  }});
  world.app().ws("/", {.open = [&](auto& ws) {
                   ws.close();
                   learned.push_back(ws.send("late"));
                 }});
  auto client = world.connect("/");
  BOOST_TEST((client.closed()->code == close_code::normal));
  BOOST_TEST((learned == std::vector{send_status::closed}));
  BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_SUITE_END()
