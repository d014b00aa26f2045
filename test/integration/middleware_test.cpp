// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/sharing_config.hpp"

#include <harpia/actor_middleware.hpp>
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/rate_limit.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::message_view;
using harpia::next_handler;
using harpia::no_data;
using harpia::socket_base;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using strings = std::vector<std::string>;

struct fixture {
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }

  [[nodiscard]] test::raw_client connect(std::string_view path) const {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }
  [[nodiscard]] test::http_reply refused(std::string_view path) const { return test::raw_client::tcp(app.port()).upgrade(path); }

  /// Writes down what goes through it.
  [[nodiscard]] harpia::middleware traced(std::string name) {
    return {
        .upgrade = [this, name](harpia::upgrade_base&) { log.add(name + " upgrade"); },
        .open = [this, name](socket_base&) { log.add(name + " open"); },
        .message =
            [this, name](socket_base&, message_view message, const next_handler& next) {
              log.add(name + " before " + std::string{message.text()});
              next(message);
              log.add(name + " after");
            },
        .close = [this, name](socket_base&, close_code, std::string_view) { log.add(name + " close"); },
    };
  }
  [[nodiscard]] harpia::handlers<no_data> traced_route() {
    return {
        .upgrade = [this](auto&) { log.add("route upgrade"); },
        .open = [this](auto&) { log.add("route open"); },
        .message = [this](auto&, message_view message) { log.add("route " + std::string{message.text()}); },
        .close = [this](auto&, close_code, std::string_view) { log.add("route close"); },
    };
  }
  [[nodiscard]] strings lines(std::size_t count) {
    log.wait_for("", count);
    return log.lines();
  }

  test::sharing_config config;
  caf::actor_system system{config};
  test::event_log log; // outlives the app, whose handlers write to it
  harpia::app app{system, {.stop_timeout = 300ms}};
};

const harpia::handlers<no_data> echo{.message = [](auto& ws, message_view message) { ws.send(message); }};

void end(test::raw_client& client) {
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(middleware, fixture)

BOOST_AUTO_TEST_CASE(layers_are_entered_in_the_order_of_their_declaration) {
  app.use(traced("outer"));
  app.use(traced("inner"));
  app.ws("/", traced_route());
  start();
  auto client = connect("/");
  client.send_text("hi");
  end(client);
  const strings expected{
      "outer upgrade",   "inner upgrade", "route upgrade", "outer open",  "inner open",  "route open",  "outer before hi",
      "inner before hi", "route hi",      "inner after",   "outer after", "route close", "inner close", "outer close"};
  BOOST_TEST(lines(expected.size()) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_layer_is_around_the_routes_that_come_after_it_below_its_prefix) {
  app.ws("/before", echo);
  app.use("/rooms/:room", {.upgrade = [](harpia::upgrade_base& request) { request.reject(403); }});
  app.ws("/rooms/:name/talk", echo);
  app.ws("/rooms", echo);
  start();
  BOOST_TEST(refused("/rooms/1/talk").status == 403);
  BOOST_TEST(refused("/rooms").status == 101);
  BOOST_TEST(refused("/before").status == 101);
}

BOOST_AUTO_TEST_CASE(a_mounted_routers_layers_are_inside_of_the_apps) {
  harpia::router inner{"/in"};
  inner.use(traced("router"));
  inner.ws("/side", traced_route());
  app.use(traced("app"));
  app.routes("/v1", inner);
  start();
  auto client = connect("/v1/in/side");
  BOOST_TEST(lines(6) == (strings{"app upgrade", "router upgrade", "route upgrade", "app open", "router open", "route open"}),
             boost::test_tools::per_element());
  end(client);
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_the_asking) {
  app.use({.upgrade = [](harpia::upgrade_base& request) { request.reject(401, "who are you?"); }});
  app.use(traced("never"));
  app.ws("/", traced_route());
  start();
  const auto reply = refused("/");
  BOOST_TEST(reply.status == 401);
  BOOST_TEST(reply.body == "who are you?");
  BOOST_TEST(log.lines().empty());
}

BOOST_AUTO_TEST_CASE(attributes_reach_later_layers_and_handlers) {
  app.use({.upgrade = [](harpia::upgrade_base& request) { request.set_attribute("user", "ann"); }});
  app.use({.upgrade = [](harpia::upgrade_base& request) {
    request.set_attribute("greeting", "hello " + std::string{request.request().attribute("user")});
  }});
  app.ws("/", {.open = [](auto& ws) { ws.send(ws.request().attribute("greeting")); }});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "hello ann");
}

BOOST_AUTO_TEST_CASE(a_layer_may_answer_later_and_the_next_is_asked_then) {
  std::vector<std::jthread> threads;
  app.use({.upgrade = [&](harpia::upgrade_base& request) {
    threads.emplace_back([later = request.defer()] {
      later.accept({{"user", "ann"}});
      later.reject(500); // one answer too many
    });
  }});
  app.use({.upgrade = [&](harpia::upgrade_base& request) {
    threads.emplace_back([later = request.defer(), user = std::string{request.request().attribute("user")}] {
      if (user == "ann")
        later.accept();
    });
  }});
  app.ws("/", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "ann");
}

BOOST_AUTO_TEST_CASE(a_layer_that_forgets_its_answer_refuses) {
  app.use({.upgrade = [](harpia::upgrade_base& request) { (void)request.defer(); }});
  app.ws("/", echo);
  start();
  BOOST_TEST(refused("/").status == 500);
}

BOOST_AUTO_TEST_CASE(messages_can_be_changed_and_held_back) {
  app.use({.message = [](socket_base&, message_view message, const next_handler& next) {
    if (message.text() == "secret")
      return;
    const auto louder = std::string{message.text()} + "!";
    next(message_view{louder});
  }});
  app.ws("/", echo);
  start();
  auto client = connect("/");
  for (const auto* text : {"one", "secret", "two"})
    client.send_text(text);
  BOOST_TEST(client.read_text() == "one!");
  BOOST_TEST(client.read_text() == "two!");
}

BOOST_AUTO_TEST_CASE(behaviours_have_layers_as_callbacks_do) {
  app.use(traced("layer"));
  app.ws("/", [](harpia::connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& message) { self->send(message.view()); }};
  });
  start();
  auto client = connect("/");
  client.send_text("hi");
  BOOST_TEST(client.read_text() == "hi");
  end(client);
  BOOST_TEST(lines(5) == (strings{"layer upgrade", "layer open", "layer before hi", "layer after", "layer close"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_layer_that_throws_fails_its_connection) {
  app.use({.message = [](socket_base&, message_view, const next_handler&) { throw std::runtime_error{"on purpose"}; }});
  app.ws("/", echo);
  start();
  auto client = connect("/");
  client.send_text("hi");
  BOOST_TEST(client.read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(a_close_that_throws_keeps_no_other_from_closing) {
  app.use(traced("outer"));
  app.ws("/", {.close = [](auto&, close_code, std::string_view) { throw std::runtime_error{"on purpose"}; }});
  start();
  auto client = connect("/");
  end(client);
  log.wait_for("outer close");
}

BOOST_AUTO_TEST_CASE(each_connection_can_have_a_layer_of_its_own) {
  app.use([] {
    return harpia::middleware{.message = [count = 0](socket_base&, message_view, const next_handler& next) mutable {
      const auto number = std::to_string(++count);
      next(message_view{number});
    }};
  });
  app.ws("/", echo);
  start();
  auto one = connect("/");
  auto two = connect("/");
  for (const auto* expected : {"1", "2", "3"}) {
    one.send_text("");
    BOOST_TEST(one.read_text() == expected);
  }
  two.send_text("");
  BOOST_TEST(two.read_text() == "1");
}

BOOST_AUTO_TEST_CASE(a_client_over_its_rate_is_closed_with_1008) {
  app.use(harpia::rate_limit({.rate = 0.001, .burst = 3}));
  app.ws("/", echo);
  start();
  auto client = connect("/");
  for (const auto* text : {"1", "2", "3", "4"})
    client.send_text(text);
  for (const auto* text : {"1", "2", "3"})
    BOOST_TEST(client.read_text() == text);
  BOOST_TEST(client.read_close().first == 1008);
}

BOOST_AUTO_TEST_CASE(messages_over_the_rate_can_be_discarded) {
  app.use(harpia::rate_limit({.rate = 0.001, .burst = 1, .on_excess = harpia::on_excess::discard}));
  app.ws("/", echo);
  start();
  auto client = connect("/");
  client.send_text("1");
  client.send_text("2");
  BOOST_TEST(client.read_text() == "1");
  end(client);
}

BOOST_AUTO_TEST_CASE(a_rate_that_makes_no_sense_is_refused) {
  BOOST_CHECK_THROW((void)harpia::rate_limit({.rate = 0}), std::invalid_argument);
  BOOST_CHECK_THROW((void)harpia::rate_limit({.burst = 0}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_actor_decides_on_upgrades) {
  const auto guard = test::spawn(system, [](caf::event_based_actor*) -> caf::behavior {
    return {[](const harpia::upgrade_question& asked) -> harpia::upgrade_verdict {
      if (asked.request.query("token") != "right")
        return {.refuse_with = 401, .body = "no"};
      return {.attributes = {{"user", "ann at " + asked.remote_address}}};
    }};
  });
  app.use(harpia::ask_about_upgrades(guard, 10s));
  app.ws("/", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
  start();
  BOOST_TEST(refused("/?token=wrong").status == 401);
  auto client = connect("/?token=right");
  BOOST_TEST(client.read_text() == "ann at 127.0.0.1");
}

BOOST_AUTO_TEST_CASE(without_a_verdict_the_client_gets_503) {
  const auto broken = test::spawn(system, [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  app.use(harpia::ask_about_upgrades(broken, 10s));
  app.ws("/", echo);
  start();
  BOOST_TEST(refused("/").status == 503);
}

BOOST_AUTO_TEST_CASE(an_actor_filters_messages_in_order) {
  const auto filter = test::spawn(system, [](caf::event_based_actor*) -> caf::behavior {
    return {
        [](const harpia::event::text& message) -> harpia::filtered {
          if (message.view() == "drop")
            return {};
          return {message.str() + "?"};
        },
        [](const harpia::event::binary&) -> harpia::filtered { return {"bytes"}; },
    };
  });
  app.use(harpia::filter_messages(filter, 10s));
  app.ws("/", echo);
  start();
  auto client = connect("/");
  client.send_text("one");
  client.send_text("drop");
  client.send_binary("two");
  client.send_text("three");
  BOOST_TEST(client.read_text() == "one?");
  BOOST_TEST(client.read_binary() == "bytes");
  BOOST_TEST(client.read_text() == "three?");
}

BOOST_AUTO_TEST_SUITE_END()
