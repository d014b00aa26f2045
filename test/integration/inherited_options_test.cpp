// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>

// What a route does not set it inherits from its router, from those around it, and from the app.

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;

namespace {

harpia::handlers<no_data> echo() {
  return {.message = [](auto& ws, message_view message) { ws.send(message); }};
}

/// Whether a message of `size` bytes is too large for a route.
bool is_too_large(const harpia::app& app, std::string_view path, std::size_t size) {
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade(path).status == 101);
  client.send_text(std::string(size, 'x'));
  const auto answer = client.read_frame();
  return answer.opcode == test::opcode::close && test::decode_close(answer).first == 1009;
}

std::string subprotocol_of(const harpia::app& app, std::string_view path) {
  auto client = test::raw_client::tcp(app.port());
  return client.upgrade(path, {{"Sec-WebSocket-Protocol", "app, outer, inner, route"}}).header("Sec-WebSocket-Protocol");
}

} // namespace

BOOST_AUTO_TEST_SUITE(inherited_options)

BOOST_AUTO_TEST_CASE(a_route_that_sets_one_option_has_the_others_of_the_app) {
  harpia::app app{{.route = {.max_payload = 100, .origins = harpia::same_origin, .subprotocols = {"app"}}}};
  app.ws("/all", echo());
  app.ws("/one", echo(), {.max_payload = 10});
  app.ws("/other", echo(), {.subprotocols = {"route"}});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  BOOST_TEST(is_too_large(app, "/all", 101));
  BOOST_TEST(!is_too_large(app, "/all", 100));
  BOOST_TEST(is_too_large(app, "/one", 11));
  BOOST_TEST(is_too_large(app, "/other", 101));
  BOOST_TEST(subprotocol_of(app, "/one") == "app");
  BOOST_TEST(subprotocol_of(app, "/other") == "route");
  for (const auto* path : {"/all", "/one", "/other"})
    BOOST_TEST(test::raw_client::tcp(app.port()).upgrade(path, {{"Origin", "https://stranger.example"}}).status == 403, path);
}

BOOST_AUTO_TEST_CASE(the_nearest_router_that_sets_an_option_counts) {
  harpia::router inner{"/inner"};
  inner.ws("/before", echo());
  inner.defaults({.subprotocols = {"inner"}});
  inner.ws("/plain", echo());
  inner.ws("/own", echo(), {.max_payload = 5});
  harpia::router outer{"/outer"};
  outer.defaults({.max_payload = 10}).defaults({.subprotocols = {"outer"}}); // both hold
  outer.ws("/plain", echo());
  outer.routes(inner);
  harpia::app app{{.route = {.max_payload = 100, .subprotocols = {"app"}}}};
  app.routes(outer).routes(inner);
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  for (const auto& [path, subprotocol, largest] :
       {std::tuple{"/outer/inner/before", "outer", 10u},
        {"/outer/inner/plain", "inner", 10u},
        {"/outer/inner/own", "inner", 5u},
        {"/outer/plain", "outer", 10u},
        {"/inner/before", "app", 100u},
        {"/inner/plain", "inner", 100u}}) {
    BOOST_TEST(subprotocol_of(app, path) == subprotocol, path);
    BOOST_TEST(!is_too_large(app, path, largest), path);
    BOOST_TEST(is_too_large(app, path, largest + 1), path);
  }
}

BOOST_AUTO_TEST_CASE(options_that_contradict_one_another_are_refused_where_they_meet) {
  const auto names = [](std::string_view one, std::string_view other) {
    return [=](const std::invalid_argument& refused) {
      const std::string what = refused.what();
      return what.find(one) != std::string::npos && what.find(other) != std::string::npos;
    };
  };
  harpia::app app{{.route = {.high_watermark = 1000, .max_buffered = 2000}}};
  BOOST_CHECK_EXCEPTION(app.ws("/small", echo(), {.max_buffered = 500}), std::invalid_argument,
                        names("'/small'", "'high_watermark'"));
  harpia::router mounted;
  mounted.ws("/mounted", echo(), {.max_buffered = 500}); // whose watermarks fit so far
  BOOST_CHECK_EXCEPTION(app.routes("/under", mounted), std::invalid_argument, names("'/under/mounted'", "'high_watermark'"));
  BOOST_CHECK_EXCEPTION(app.defaults({.max_payload = 0}), std::invalid_argument, names("'max_payload'", "0"));
  BOOST_CHECK_THROW((harpia::app{{.route = {.max_payload = 0}}}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_app_explains_what_its_routes_have) {
  harpia::app app{{.route = {.max_payload = 100}}};
  app.ws("/plain", echo());
  app.use("/own", harpia::middleware{});
  app.ws("/own/:name", echo(), {.compression = harpia::compression::enabled});
  app.get("/page", [](const harpia::request&) { return harpia::http_response{}; });
  const std::string expected =
      "ws /own/:name: max_payload 100, compression enabled; behind 1 layer\n"
      "GET /page: max_body 65536\n"
      "ws /plain: max_payload 100\n";
  BOOST_TEST(app.explain() == expected);
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  BOOST_TEST(app.explain() == expected);
}

BOOST_AUTO_TEST_SUITE_END()
