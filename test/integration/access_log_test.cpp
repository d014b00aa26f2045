// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/access_log.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing = harpia::testing;
using harpia::access_record;
using harpia::close_code;
using harpia::message_view;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using strings = std::vector<std::string>;

struct fixture {
  fixture() {
    world.app().use(harpia::access_log([this](const access_record& record) { lines.push_back(to_line(record)); }));
    world.app().ws("/echo/:name", {.message = [](auto& ws, message_view message) {
                     if (message.text() == "twice")
                       ws.send(message);
                     if (message.text() == "fail")
                       throw std::runtime_error{"failed"};
                     ws.send(message);
                   }});
    world.app().ws(
        "/again",
        {.open = [](auto& ws) { ws.send("open"); }, .message = [](auto&, message_view) { throw std::runtime_error{"failed"}; }},
        {.on_crash = harpia::on_crash::restart});
  }

  strings lines;
  testing::world world;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(access_log, fixture)

BOOST_AUTO_TEST_CASE(a_connection_is_one_line_once_it_has_ended) {
  auto client = world.connect("/echo/ann?token=secret");
  client.send("12345");
  client.send("twice");
  client.send_binary("123");
  world.advance(1500ms);
  BOOST_TEST(lines.empty());
  client.close(close_code::normal, "bye");
  BOOST_TEST(lines == strings{R"(client GET /echo/ann 101 1.500s received 3/13 sent 4/18 published 0/0 1000 "bye")"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(whatever_ends_it_is_told) {
  auto cut = world.connect("/echo/a");
  cut.cut();
  auto failed = world.connect("/echo/b");
  failed.send("fail");
  auto refused = world.connect("/nowhere");
  BOOST_TEST(lines
                 == (strings{
                     R"(client GET /echo/a 101 0.000s received 0/0 sent 0/0 published 0/0 1006 "")",
                     R"(client GET /echo/b 101 0.000s received 1/4 sent 0/0 published 0/0 1011 "")",
                 }),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_restarts_goes_on) {
  auto client = world.connect("/again");
  world.advance(1s);
  client.send("fail");
  world.advance(1s);
  client.close();
  BOOST_TEST(lines == strings{R"(client GET /again 101 2.000s received 1/4 sent 2/8 published 0/0 1000 "")"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(messages_of_groups_are_told_apart) {
  world.app().ws("/room", {.open = [](auto& ws) { ws.subscribe("room"); }});
  auto client = world.connect("/room");
  world.app().publish("room", "12345");
  world.app().publish("room", "123");
  BOOST_TEST(client.received() == "12345");
  client.close();
  BOOST_TEST(lines == strings{R"(client GET /room 101 0.000s received 0/0 sent 0/0 published 2/8 1000 "")"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pages_and_refused_upgrades_are_lines_too) {
  auto& app = world.app();
  app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "hello"}; });
  app.get("/broken", [](const harpia::request&) -> harpia::http_response { throw std::runtime_error{"broken"}; });
  app.ws("/members", {.upgrade = [](auto& request) { request.reject(403, "members only"); }});
  (void)world.get("/page?token=secret");
  (void)world.get("/broken");
  auto refused = world.connect("/members");
  BOOST_TEST(refused.refusal().value().status == 403);
  BOOST_TEST(lines == (strings{"client GET /page 200 0.000s", "client GET /broken 500 0.000s", "client GET /members 403 0.000s"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_line_holds_nothing_that_could_pass_for_another_line) {
  const auto reason = "say \"no\" \\ \r\0"s;
  const access_record record{
      .remote_address = {}, .method = "GET", .path = "/a\n\x7f\xff", .code = close_code{4000}, .reason = reason};
  BOOST_TEST(to_line(record)
             == R"(- GET /a\x0a\x7f\xff 101 0.000s received 0/0 sent 0/0 published 0/0 4000 "say \"no\" \\ \x0d\x00")");
}

BOOST_AUTO_TEST_CASE(a_log_that_writes_nowhere_is_refused) {
  BOOST_CHECK_THROW((void)harpia::access_log(nullptr), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
