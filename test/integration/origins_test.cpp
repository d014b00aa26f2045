// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "served.hpp"

#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;
using test::check_echo;
using test::served;

namespace {

struct with_origins : served {
  with_origins() : served{{}} {
    app.use("/guarded", {.upgrade = [this](auto&) { log.add("asked"); }});
    app.ws<no_data>("/guarded", {.message = [](auto& ws, message_view message) { ws.send(message); }},
                    {.origins = {"https://friend.example"}});
  }

  [[nodiscard]] int status_for(std::string_view path, const test::header_list& fields) const {
    auto client = socket();
    const auto reply = client.upgrade(path, fields);
    if (reply.status != 101)
      check_refused(client, reply, reply.status);
    return reply.status;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(origins)

BOOST_FIXTURE_TEST_CASE(a_strangers_page_gets_403_before_any_handler_is_asked, with_origins) {
  start();
  auto other = socket();
  BOOST_REQUIRE(other.upgrade("/guarded", {{"Origin", "https://friend.example"}}).status == 101);
  BOOST_TEST(log.count("asked") == 1u);
  auto client = socket();
  const auto reply = client.upgrade("/guarded", {{"Origin", "https://stranger.example"}});
  check_refused(client, reply, 403);
  BOOST_TEST(reply.body == "403 Forbidden: this origin is not allowed to connect\n");
  BOOST_TEST(log.count("asked") == 1u);
  BOOST_TEST(app.statistics().refused_origins == 1u);
  check_echo(other);
}

BOOST_FIXTURE_TEST_CASE(friends_the_servers_own_pages_and_programs_are_let_in, with_origins) {
  start();
  const auto own = "127.0.0.1:" + std::to_string(app.port());
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}}) == 101);
  BOOST_TEST(status_for("/guarded", {{"Origin", "http://" + own}}) == 101);
  BOOST_TEST(status_for("/guarded", {}) == 101);
  BOOST_TEST(app.statistics().refused_origins == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_repeated_or_unreadable_origin_gets_403, with_origins) {
  start();
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}, {"Origin", "https://friend.example"}}) == 403);
  for (const auto* bad :
       {"", "null", "friend.example", "https://friend.example/", "https://friend.example https://friend.example"})
    BOOST_TEST(status_for("/guarded", {{"Origin", bad}}) == 403);
  BOOST_TEST(app.statistics().refused_origins == 6u);
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}}) == 101);
}

BOOST_FIXTURE_TEST_CASE(other_routes_and_pages_are_open_to_every_origin, with_origins) {
  start();
  BOOST_TEST(status_for("/echo", {{"Origin", "https://stranger.example"}}) == 101);
  BOOST_TEST(status_for("/echo", {{"Origin", "garbage"}}) == 101);
  auto client = socket();
  BOOST_TEST(client.http("GET /page HTTP/1.1\r\nHost: x\r\nOrigin: https://stranger.example\r\nConnection: close\r\n\r\n").status
             == 200);
}

BOOST_FIXTURE_TEST_CASE(a_function_may_decide_by_origin_and_request, with_origins) {
  app.ws<no_data>("/of/:tenant", {}, {.origins = [](std::string_view origin, const harpia::request& asked) {
                    return origin == "https://" + std::string{asked.param("tenant")} + ".example";
                  }});
  start();
  BOOST_TEST(status_for("/of/ann", {{"Origin", "https://ann.example"}}) == 101);
  BOOST_TEST(status_for("/of/bob", {{"Origin", "https://ann.example"}}) == 403);
  BOOST_TEST(app.statistics().refused_origins == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_function_that_throws_lets_nobody_in_and_harms_nobody, with_origins) {
  app.ws<no_data>("/broken", {}, {.origins = [](std::string_view, const harpia::request&) -> bool {
                    throw std::runtime_error{"thrown by a test"};
                  }});
  start();
  auto other = open();
  BOOST_TEST(status_for("/broken", {{"Origin", "https://friend.example"}}) == 500);
  BOOST_TEST(status_for("/broken", {}) == 101); // it was not asked
  check_echo(other);
}

BOOST_AUTO_TEST_CASE(the_apps_origins_hold_for_every_route_that_sets_none) {
  served one{{.route = {.origins = harpia::same_origin}}};
  one.app.ws<no_data>("/limited", {}, {.max_payload = 1});
  one.app.ws<no_data>("/friends", {}, {.origins = {"https://friend.example"}});
  one.app.ws<no_data>("/open", {}, {.max_payload = 1, .origins = harpia::any_origin});
  one.start();
  const auto status_for = [&one](std::string_view path, std::string_view origin) {
    return one.socket().upgrade(path, {{"Origin", std::string{origin}}}).status;
  };
  for (const auto* path : {"/echo", "/limited", "/friends"})
    BOOST_TEST(status_for(path, "https://stranger.example") == 403, path);
  BOOST_TEST(status_for("/friends", "https://friend.example") == 101);
  BOOST_TEST(status_for("/limited", "https://friend.example") == 403);
  for (const auto* origin : {"https://stranger.example", "null", "garbage"})
    BOOST_TEST(status_for("/open", origin) == 101, origin);
}

BOOST_AUTO_TEST_CASE(an_origin_that_is_none_is_named_where_the_route_is_declared) {
  harpia::app app;
  BOOST_CHECK_EXCEPTION((app.ws<no_data>("/", {}, {.origins = {"https://good.example", "bad.example"}})), std::invalid_argument,
                        [](const auto& thrown) { return std::string{thrown.what()}.find("'bad.example'") != std::string::npos; });
}

BOOST_AUTO_TEST_SUITE_END()
