// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http_fixture.hpp"

#include <harpia/cors.hpp>
#include <harpia/page.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace test = harpia::test;
using harpia::test::respond;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(http_layers, test::http_fixture)

// Layers

BOOST_AUTO_TEST_CASE(one_layer_protects_pages_and_sockets) {
  const auto check = [](auto& asked) {
    const auto session = asked.request().cookie("session");
    if (!session)
      return asked.reject(401, "who are you?");
    asked.set_attribute("user", std::string{*session});
    asked.set_header("X-Checked", "yes");
  };
  app.use("/private", {.upgrade = check, .http = check});
  app.get("/private/page", [](const harpia::request& asked) { return respond("hello " + std::string{asked.attribute("user")}); });
  app.post("/private/page", [](const harpia::request& asked) { return respond(std::string{asked.body()}); });
  app.ws<harpia::no_data>("/private/ws", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
  start();
  const auto refused = ask("GET /private/page");
  BOOST_TEST(refused.status == 401);
  BOOST_TEST(refused.body == "who are you?");
  BOOST_TEST(ask("DELETE /private/page").status == 401); // nobody learns what there is
  BOOST_TEST(ask("POST /private/page", "Expect: 100-continue\r\nContent-Length: 4\r\n").status == 401); // its body is not read
  BOOST_TEST(upgrade("/private/ws").status == 401);
  const auto known = ask("GET /private/page", "Cookie: session=Ann\r\n");
  BOOST_TEST(known.body == "hello Ann");
  BOOST_TEST(known.header("X-Checked") == "yes");
  BOOST_TEST(ask("DELETE /private/page", "Cookie: session=Ann\r\n").status == 405);
  BOOST_TEST(ask("POST /private/page", "Cookie: session=Ann\r\n", "body").body == "body");
  auto client = logged_app::connect("/private/ws", {{"Cookie", "session=Ann"}});
  BOOST_TEST(client.read_text() == "Ann");
}

BOOST_AUTO_TEST_CASE(a_layer_may_decide_later_and_answer_itself) {
  app.use("/later", {.http = [](harpia::page_request& asked) {
            std::thread{[later = asked.defer(), query = std::string{asked.request().query_string()}] {
              if (query == "reject")
                later.reject(403, "no");
              else if (query == "answer")
                later.answer({.status = 202, .body = "taken"});
              else
                later.accept({{"checked", "later"}});
            }}.detach();
          }});
  app.use("/later", {.http = [this](harpia::page_request&) { log.add("second layer"); }});
  app.post("/later", [](const harpia::request& asked) {
    return respond(std::string{asked.attribute("checked")} + " " + std::string{asked.body()});
  });
  start();
  auto client = connect();
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(ask(client, "POST /later", {}, "body").body == "later body");
  BOOST_TEST(log.count("second layer") == 5U);
  BOOST_TEST(ask("POST /later?reject", {}, "body").status == 403);
  BOOST_TEST(ask("POST /later?answer", {}, "body").body == "taken");
  BOOST_TEST(log.count("second layer") == 5U);
}

BOOST_AUTO_TEST_CASE(layers_of_mounted_routers_are_entered_from_the_outside) {
  const auto telling = [this](std::string name) {
    return harpia::middleware{.http = [this, name = std::move(name)](harpia::page_request&) { log.add(name); }};
  };
  harpia::router inner;
  inner.use(telling("inner"));
  inner.get("/page", [](const harpia::request&) { return respond("x"); });
  app.use(telling("outer"));
  app.use([telling] { return telling("made for each"); });
  app.routes("/in", inner);
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /in/page").body == "x");
  BOOST_TEST(ask(client, "GET /in/page").body == "x");
  BOOST_TEST(ask(client, "GET /hello").body == "hello"); // declared before the layers
  const test::lines once{"outer", "made for each", "inner", "outer", "made for each", "inner"};
  BOOST_TEST((log.lines() == once));
}

BOOST_AUTO_TEST_CASE(a_layer_that_throws_is_500) {
  app.use("/x", {.http = [](harpia::page_request&) { test::boom(); }});
  app.use("/y", []() -> harpia::middleware { test::boom(); });
  app.get("/x", [](const harpia::request&) { return respond("x"); });
  app.get("/y", [](const harpia::request&) { return respond("x"); });
  start();
  BOOST_TEST(ask("GET /x").status == 500);
  BOOST_TEST(ask("GET /y").status == 500);
}

// CORS

BOOST_AUTO_TEST_CASE(pages_of_chosen_origins_may_read_the_answers) {
  app.use(
      "/api",
      harpia::cors({.origins = {"https://a.example", "https://b.example"}, .exposed_headers = {"X-Own"}, .credentials = true}));
  app.get("/api/data", [](const harpia::request&) { return respond("data"); });
  start();
  const auto allowed = ask("GET /api/data", "Origin: https://a.example\r\n");
  BOOST_TEST(allowed.body == "data");
  BOOST_TEST(allowed.header("Access-Control-Allow-Origin") == "https://a.example");
  BOOST_TEST(allowed.header("Access-Control-Allow-Credentials") == "true");
  BOOST_TEST(allowed.header("Access-Control-Expose-Headers") == "X-Own");
  BOOST_TEST(allowed.header("Vary") == "Origin");
  const auto stranger = ask("GET /api/data", "Origin: https://stranger.example\r\n");
  BOOST_TEST(stranger.body == "data"); // its browser does not show it
  BOOST_TEST(stranger.header("Access-Control-Allow-Origin") == "");
  BOOST_TEST(stranger.header("Vary") == "Origin");
  BOOST_TEST(ask("DELETE /api/data", "Origin: https://a.example\r\n").header("Access-Control-Allow-Origin")
             == "https://a.example");

  const auto preflight = ask(
      "OPTIONS /api/data",
      "Origin: https://b.example\r\nAccess-Control-Request-Method: DELETE\r\nAccess-Control-Request-Headers: content-type\r\n");
  BOOST_TEST(preflight.status == 204);
  BOOST_TEST(preflight.header("Access-Control-Allow-Origin") == "https://b.example");
  BOOST_TEST(preflight.header("Access-Control-Allow-Methods") == "PUT, PATCH, DELETE");
  BOOST_TEST(preflight.header("Access-Control-Allow-Headers") == "Content-Type");
  BOOST_TEST(preflight.header("Access-Control-Max-Age") == "600");
  const auto refused = ask("OPTIONS /api/data", "Origin: https://stranger.example\r\nAccess-Control-Request-Method: DELETE\r\n");
  BOOST_TEST(refused.status == 204);
  BOOST_TEST(refused.header("Access-Control-Allow-Methods") == "");
  BOOST_TEST(ask("OPTIONS /api/data").header("Allow") == "GET, HEAD, OPTIONS");
}

BOOST_AUTO_TEST_CASE(pages_of_any_origin_may_read_what_needs_no_credentials) {
  app.use(harpia::cors());
  app.get("/data", [](const harpia::request&) { return respond("data"); });
  start();
  const auto reply = ask("GET /data", "Origin: https://anyone.example\r\n");
  BOOST_TEST(reply.header("Access-Control-Allow-Origin") == "*");
  BOOST_TEST(reply.header("Vary") == "");
  BOOST_TEST(ask("GET /data").header("Access-Control-Allow-Origin") == "");
}

BOOST_AUTO_TEST_CASE(cors_options_that_make_no_sense_are_refused) {
  const auto refused = [](const harpia::cors_options& options, std::string_view named) {
    BOOST_CHECK_EXCEPTION((void)harpia::cors(options), std::invalid_argument, [&](const auto& thrown) {
      return std::string_view{thrown.what()}.find(named) != std::string_view::npos;
    });
  };
  refused({.origins = {}}, "origins");
  refused({.origins = {"a.example"}}, "a.example");
  refused({.origins = {"https://a.example/"}}, "https://a.example/");
  refused({.origins = {"*"}, .credentials = true}, "credentials");
  refused({.methods = {"DE LETE"}}, "methods");
  refused({.headers = {"a:b"}}, "headers");
  refused({.exposed_headers = {""}}, "exposed_headers");
  refused({.max_age = std::chrono::seconds{-1}}, "max_age");
}

BOOST_AUTO_TEST_SUITE_END()
