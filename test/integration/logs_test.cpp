// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/testing/world.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace testing = harpia::testing;
using harpia::close_code;
using harpia::log_level;
using harpia::message_view;
using harpia::no_data;

namespace {

using strings = std::vector<std::string>;

/// What an app of the kit has logged: "level event route code what".
struct fixture {
  testing::world_options at_level(log_level lowest) {
    return {.app = {.log =
                        [this](const harpia::log_record& record) {
                          auto line = std::string{to_string(record.level)} + ' ' + std::string{record.event};
                          if (!record.route.empty())
                            line.append(" ").append(record.route);
                          if (record.code != 0)
                            line.append(" ").append(std::to_string(record.code));
                          lines.push_back(line.append(" ").append(record.what));
                          numbers.push_back(record.connection);
                        },
                    .log_level = lowest}};
  }
  [[nodiscard]] bool has(std::string_view line) const { return std::ranges::find(lines, line) != lines.end(); }

  strings lines;
  std::vector<std::uint64_t> numbers;
};

void throw_on_purpose() {
  throw std::runtime_error{"on purpose"};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(logs, fixture)

BOOST_AUTO_TEST_CASE(a_handler_that_throws_is_logged_and_counted_if_no_error_handler_takes_it) {
  testing::world world{[](harpia::app& app) {
                         app.ws("/silent", {.message = [](auto&, message_view) { throw_on_purpose(); }});
                         app.ws("/heard", {.message = [](auto&, message_view) { throw_on_purpose(); },
                                           .error = [](auto&, const harpia::error&) {}});
                       },
                       at_level(log_level::warning)};
  for (const auto* path : {"/silent", "/heard"}) {
    auto client = world.connect(path);
    client.send("x");
    BOOST_TEST((client.closed().value().code == close_code::internal_error));
    BOOST_TEST(client.closed().value().reason.empty());
  }
  BOOST_TEST(lines == strings{"error handler_failed /silent the handler 'message' of route '/silent' threw: on purpose"},
             boost::test_tools::per_element());
  BOOST_TEST(numbers.front() != 0u);
  const auto all = world.app().statistics();
  BOOST_TEST(all.routes.at("/silent").handler_failures == 1u);
  BOOST_TEST(all.routes.at("/heard").handler_failures == 1u);
}

BOOST_AUTO_TEST_CASE(a_behaviour_that_does_not_take_failures_has_them_logged) {
  testing::world world{[](harpia::app& app) {
                         app.ws("/silent", [](harpia::connection<no_data>*) -> caf::behavior {
                           return {[](const harpia::event::text&) { throw_on_purpose(); }};
                         });
                         app.ws("/heard", [](harpia::connection<no_data>*) -> caf::behavior {
                           return {[](const harpia::event::text&) { throw_on_purpose(); }, [](const harpia::event::failed&) {}};
                         });
                       },
                       at_level(log_level::warning)};
  for (const auto* path : {"/silent", "/heard"}) {
    auto client = world.connect(path);
    client.send("x");
    BOOST_TEST(client.closed().has_value());
  }
  BOOST_TEST(lines == strings{"error handler_failed /silent the handler 'message' of route '/silent' threw: on purpose"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(peers_that_break_the_protocol_are_told_at_a_lower_level_than_defects) {
  const auto break_it = [](testing::world& world) {
    auto client = world.connect("/");
    client.send_frame({.opcode = 3, .payload = "?"});
    BOOST_TEST(client.closed().has_value());
  };
  testing::world world{[](harpia::app& app) { app.ws("/", harpia::handlers<>{}); }, at_level(log_level::info)};
  break_it(world);
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines.front().starts_with("info failed / "));
  lines.clear();
  testing::world quiet{[](harpia::app& app) { app.ws("/", harpia::handlers<>{}); }, at_level(log_level::warning)};
  break_it(quiet);
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(at_the_lowest_level_every_connection_and_every_refusal_is_there) {
  testing::world world{[](harpia::app& app) {
                         app.ws("/", harpia::handlers<>{});
                         app.ws("/members", {.upgrade = [](auto& request) { request.reject(403, "members only\nsecond line"); }});
                       },
                       at_level(log_level::debug)};
  auto client = world.connect("/?token=secret");
  client.close(close_code{4000}, "bye");
  auto refused = world.connect("/members");
  auto lost = world.connect("/nowhere");
  world.run();
  BOOST_TEST(has("debug opened / the connection is open"));
  BOOST_TEST(has("debug closed / 4000 bye"));
  BOOST_TEST(has("debug refused /members 403 GET /members: members only"));
  BOOST_TEST(has("debug refused 404 GET /nowhere: 404 Not Found: no WebSocket route matches this path"));
  BOOST_TEST(std::ranges::none_of(lines, [](const auto& each) { return each.find("secret") != std::string::npos; }));
  const auto all = world.app().statistics();
  BOOST_TEST(all.refused.at(403) == 1u);
  BOOST_TEST(all.refused.at(404) == 1u);
  BOOST_TEST(all.routes.at("/").opened == 1u);
  BOOST_TEST(all.routes.at("/").closed.at(4000) == 1u);
  BOOST_TEST(all.routes.at("/members").opened == 0u);
}

BOOST_AUTO_TEST_CASE(what_a_policy_drops_is_counted) {
  testing::world world{[](harpia::app& app) {
                         app.ws("/",
                                {.message =
                                     [](auto& ws, message_view) {
                                       for (int i = 0; i < 100; ++i)
                                         ws.send(std::string(1000, 'x'));
                                     }},
                                {.max_buffered = 4096});
                       },
                       at_level(log_level::warning)};
  auto client = world.connect("/", {.kernel_buffer = 0});
  client.stop_reading();
  client.send("go");
  world.run();
  const auto dropped = world.app().statistics().routes.at("/").dropped;
  BOOST_TEST(dropped > 50u);
  BOOST_TEST(dropped < 100u);
}

BOOST_AUTO_TEST_CASE(messages_that_nobody_takes_are_logged_once_for_each_connection) {
  testing::world world{[](harpia::app& app) { app.ws("/feed", {.open = [](auto&) {}}); }, at_level(log_level::info)};
  auto client = world.connect("/feed");
  client.send("hello?");
  client.send("hello?");
  BOOST_TEST(client.is_open());
  BOOST_TEST(lines
                 == strings{"info not_taken /feed the client sends messages, but the route has no handler for them; later ones "
                            "are not logged"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(messages_of_actors_that_nobody_takes_are_logged) {
  caf::actor actor;
  testing::world world{[&](harpia::app& app) { app.ws("/", {.open = [&](auto& ws) { actor = harpia::as_actor(ws.handle()); }}); },
                       at_level(log_level::warning)};
  auto client = world.connect("/");
  caf::anon_send(actor, std::string{"hello?"});
  world.run();
  BOOST_TEST(client.is_open());
  BOOST_TEST(lines == strings{"warning not_taken / a message of another actor was refused: the connection has no handler for it"},
             boost::test_tools::per_element());
  actor = {};
}

BOOST_AUTO_TEST_CASE(a_sink_that_throws_disturbs_nobody) {
  testing::world world{[](harpia::app& app) { app.ws("/", {.message = [](auto&, message_view) { throw_on_purpose(); }}); },
                       {.app = {.log = [](const harpia::log_record&) { throw_on_purpose(); }}}};
  auto client = world.connect("/");
  client.send("x");
  BOOST_TEST((client.closed().value().code == close_code::internal_error));
}

BOOST_AUTO_TEST_CASE(a_middleware_that_is_around_no_route_is_an_error_at_the_start) {
  const auto refusal_of = [](auto declare) -> std::string {
    harpia::app app;
    declare(app);
    try {
      app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
      return "started";
    } catch (const std::invalid_argument& refused) {
      return refused.what();
    }
  };
  const harpia::middleware layer{.open = [](auto&) {}};
  const auto add = [](auto& to, const char* pattern) { to.ws(pattern, harpia::handlers<>{}); };
  BOOST_TEST(refusal_of([&](auto& app) { app.use(layer), add(app, "/"); }) == "started");
  BOOST_TEST(
      refusal_of([&](auto& app) { add(app, "/"), app.use(layer); }).starts_with("the middleware for '/' is around no route"));
  BOOST_TEST(
      refusal_of([&](auto& app) { app.use("/admin", layer), add(app, "/adm"); }).starts_with("the middleware for '/admin'"));
  harpia::router inner;
  inner.use("/x", layer);
  add(inner, "/y");
  BOOST_TEST(refusal_of([&](auto& app) { app.routes("/in", inner); }).starts_with("the middleware for '/in/x'"));
  add(inner, "/x");
  BOOST_TEST(refusal_of([&](auto& app) { app.routes("/in", inner); }) == "started");
}

BOOST_AUTO_TEST_CASE(in_development_close_frames_say_what_failed_and_everything_is_logged) {
  test::event_log log;
  harpia::app app{{.log = [&log](const harpia::log_record& record) { log.add(std::string{record.event}); }}};
  app.ws("/", {.message = [](auto&, message_view) { throw_on_purpose(); }});
  app.ws("/json", harpia::json<int>, {.message = [](auto&, int) {}});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1, .development = true});
  const auto end_of = [&](const char* path, auto send) {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    send(client);
    return client.read_close();
  };
  BOOST_TEST((end_of("/", [](auto& client) { client.send_text("x"); })
              == std::pair{1011, std::string{"the handler 'message' of route '/' threw: on purpose"}}));
  BOOST_TEST((end_of("/", [](auto& client) { client.send_text("\xff"); }).second.find("UTF-8") != std::string::npos));
  const auto undecodable = end_of("/json", [](auto& client) { client.send_text("one"); });
  BOOST_TEST(undecodable.first == 1007);
  BOOST_TEST(!undecodable.second.empty());
  app.stop();
  app.wait();
  for (const auto* event : {"listening", "opened", "handler_failed", "failed", "stopping"})
    BOOST_TEST(log.count(event) > 0u, event);
}

BOOST_AUTO_TEST_CASE(a_route_may_stay_with_a_client_that_sends_what_cannot_be_decoded) {
  testing::world world;
  world.app().ws(
      "/", harpia::json<int>,
      {.message = [](auto& ws, int number) { ws.send(harpia::json<int>, number + 1); },
       .error = [](auto& ws, const harpia::error& what) { ws.send("no: " + std::to_string(what.position().value())); }},
      {.on_undecodable = harpia::on_undecodable::stay});
  auto client = world.connect("/");
  client.send("1");
  client.send("one");
  client.send("2");
  BOOST_TEST(client.received_all() == (strings{"2", "no: 0", "3"}), boost::test_tools::per_element());
  BOOST_TEST(client.is_open());
}

BOOST_AUTO_TEST_SUITE_END()
