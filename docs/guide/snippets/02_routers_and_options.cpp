// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace testing = harpia::testing;

namespace {

// [router]
harpia::router make_api() {
  harpia::router api{"/api"};
  api.ws("/feed/:symbol", {.open = [](auto& ws) {
    ws.send("prices of " + std::string{ws.request().param("symbol")});
  }});
  api.get("/health", [](const harpia::request&) { return harpia::http_response{.body = "ok"}; });
  return api;
}

void add_routes(harpia::app& app) {
  const auto api = make_api();
  app.routes(api);         // /api/feed/:symbol and /api/health
  app.routes("/v2", api);  // /v2/api/feed/:symbol and /v2/api/health
}
// [router]

} // namespace

BOOST_AUTO_TEST_SUITE(routers_and_options)

BOOST_AUTO_TEST_CASE(a_router_is_mounted_twice) {
  testing::world world{add_routes};
  BOOST_TEST(world.connect("/api/feed/ACME").received() == "prices of ACME");
  BOOST_TEST(world.connect("/v2/api/feed/ACME").received() == "prices of ACME");
  BOOST_TEST(world.get("/v2/api/health").body == "ok");
  BOOST_TEST(world.connect("/feed/ACME").refusal()->status == 404);
}

BOOST_AUTO_TEST_CASE(the_most_specific_pattern_wins) {
  testing::world world;
  auto& app = world.app();
  // [specific]
  app.ws("/files/*", {.open = [](auto& ws) { ws.send("tail " + std::string{ws.request().param("*")}); }});
  app.ws("/files/:name", {.open = [](auto& ws) { ws.send("a file"); }});
  app.ws("/files/index", {.open = [](auto& ws) { ws.send("the index"); }});
  // [specific]
  BOOST_TEST(world.connect("/files/index").received() == "the index");
  BOOST_TEST(world.connect("/files/other").received() == "a file");
  BOOST_TEST(world.connect("/files/a/b").received() == "tail a/b");
}

BOOST_AUTO_TEST_CASE(a_pattern_that_is_taken_is_refused) {
  harpia::app app;
  std::string log;
  // [taken]
  app.ws("/rooms/:room", {});
  try {
    app.ws("/rooms/:name", {});  // the same paths
  } catch (const std::invalid_argument& taken) {
    log = taken.what();          // names the pattern
  }
  // [taken]
  BOOST_TEST(log.find("/rooms/:name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pages_come_from_a_folder) {
  const harpia::test::temporary_folder site;
  const auto folder = site.path;
  std::ofstream{folder / "index.html"} << "<h1>hello</h1>";
  testing::world world;
  auto& app = world.app();
  // [files]
  app.serve_files("/", folder);
  app.ws("/chat", {.open = [](auto& ws) { ws.send("hello"); }});
  // [files]
  BOOST_TEST(world.get("/").body == "<h1>hello</h1>");
  BOOST_TEST(world.get("/none.html").status == 404);
  BOOST_TEST(world.connect("/chat").received() == "hello");
}

BOOST_AUTO_TEST_CASE(a_route_has_options) {
  using namespace std::chrono_literals;
  testing::world world;
  auto& app = world.app();
  // [options]
  app.ws("/telemetry", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }}, {
    .max_payload = 1024,                                // bytes; a larger message closes with 1009
    .idle_timeout = 30s,                                // silence, pongs included; pings go at half of it at the latest
    .compression = harpia::compression::enabled,        // if the client offers it
    .subprotocols = {"telemetry.v2", "telemetry.v1"},   // the preferred first
  });
  // [options]
  auto client = world.connect("/telemetry", {.headers = {{"Sec-WebSocket-Protocol", "telemetry.v1"}}});
  BOOST_TEST(client.response_header("Sec-WebSocket-Protocol").value_or("") == "telemetry.v1");
  client.send("small");
  BOOST_TEST(client.received() == "small");
  auto silent = world.connect("/telemetry");
  silent.vanish();
  client.send(std::string(1025, 'x'));
  BOOST_TEST((client.closed().value().code == harpia::close_code::message_too_big));
  world.advance(31s);
  BOOST_TEST(world.app().connections() == 0);
}

BOOST_AUTO_TEST_CASE(options_are_inherited) {
  using namespace std::chrono_literals;
  // [inherited]
  harpia::app app{{.route = {.origins = harpia::same_origin, .subprotocols = {"v1"}}}}; // for every route
  harpia::router devices{"/devices"};
  devices.defaults({.max_payload = 1024}); // for the routes of this router, from here on
  devices.ws("/:id", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }}, {.idle_timeout = 30s});
  app.routes(devices);
  const std::string told = app.explain();
  // [inherited]
  BOOST_TEST(told == "ws /devices/:id: max_payload 1024, idle_timeout 30000 ms, subprotocols {v1}, origins checked\n");
}

BOOST_AUTO_TEST_CASE(a_route_compresses) {
  testing::world world;
  auto& app = world.app();
  // [compression]
  app.ws("/prices", {.message = [](auto& ws, harpia::message_view message) {
    ws.send(message);
    ws.send("a key that is as random as can be, and secret", {.compression = harpia::compression::disabled});  // this one not
  }}, {
    .compression = harpia::compression::enabled,
    .deflate = {
      .server_context_takeover = harpia::context_takeover::enabled,  // what is sent may refer to what was sent before
      .level = 3,                                                    // zlib's; 6 by default
      .threshold = 32,                                               // bytes; what is smaller travels as it is
    },
  });
  // [compression]
  auto client = world.connect("/prices", {.headers = {{"Sec-WebSocket-Extensions", "permessage-deflate"}}});
  BOOST_TEST(client.response_header("Sec-WebSocket-Extensions").value_or("") == "permessage-deflate; client_no_context_takeover");
  client.send("small");
  BOOST_TEST(client.received() == "small");
  BOOST_TEST(client.received().starts_with("a key"));
}

BOOST_AUTO_TEST_CASE(an_app_has_defaults) {
  using namespace std::chrono_literals;
  // [defaults]
  harpia::app app{{
    .route = {.max_payload = 64 << 10, .idle_timeout = 60s},  // what every route inherits
    .handshake_timeout = 5s,
    .stop_timeout = 2s,
  }};
  app.ws("/", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});  // returns; listen() would wait
  const auto port = app.port();                                   // the one that the system picked
  app.stop();                                                     // closes connections with 1001
  app.wait();
  // [defaults]
  BOOST_TEST(port != 0);
}

BOOST_AUTO_TEST_CASE(an_app_has_a_log) {
  std::ostringstream lines;
  // [log]
  auto records = spdlog::create<spdlog::sinks::ostream_sink_mt>("harpia", lines);  // your logger
  harpia::app app{{
    .log = [records](const harpia::log_record& record) {  // by several threads at once
      constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
      records->log(levels.at(static_cast<std::size_t>(record.level)), "{} {} connection={}: {}", record.event, record.route,
                   record.connection, record.what);
    },
    .log_level = harpia::log_level::info,
  }};
  // [log]
  app.ws("/broken", {.message = [](auto&, harpia::message_view) { throw std::runtime_error{"no database"}; }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  app.stop();
  app.wait();
  BOOST_TEST(lines.str().find("[harpia] [info] listening") != std::string::npos, lines.str());
  spdlog::drop("harpia");
}

BOOST_AUTO_TEST_SUITE_END()
