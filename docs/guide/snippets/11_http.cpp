// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include "support/temporary_folder.hpp"

#include <harpia/actors.hpp>
#include <harpia/cors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/testing/world.hpp>

#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;

// [note]
struct note {
  std::string title;
  int column = 0;
};
BOOST_DESCRIBE_STRUCT(note, (), (title, column))
// [note]

using find_atom = caf::atom_constant<caf::atom("find")>;

caf::behavior price_store() {
  return {[](find_atom, const std::string& symbol) { return symbol == "eurusd" ? std::string{"1.08"} : std::string{}; }};
}

// [login]
void add_login(harpia::app& app) {
  // One function for pages and sockets.
  const auto known_users_only = [](auto& request) {
    const auto session = request.request().cookie("session");
    if (!session || *session != "secret")
      return request.reject(401, "log in first");
    request.set_attribute("user", "Ann");
  };
  app.post("/login", [](const harpia::request& request) {
    if (request.form("password") != "swordfish")
      return harpia::http_response{.status = 403, .body = "no"};
    return harpia::http_response{
      .status = 303,
      .headers = {{"Location", "/board"}, {"Set-Cookie", "session=secret; HttpOnly; SameSite=Strict; Path=/"}},
    };
  });
  app.use("/board", {.upgrade = known_users_only, .http = known_users_only});
  app.get("/board", [](const harpia::request& request) {
    return harpia::http_response{.body = "hello " + std::string{request.attribute("user")}};
  });
  app.ws("/board/live", {.open = [](auto& ws) { ws.send(ws.request().attribute("user")); }});
}
// [login]

} // namespace

BOOST_AUTO_TEST_SUITE(http_pages)

BOOST_AUTO_TEST_CASE(pages_have_methods_and_bodies) {
  testing::world world;
  auto& app = world.app();
  std::map<std::string, std::string> notes;
  // [pages]
  app.get("/notes/:id", [&](const harpia::request& request) {
    const auto found = notes.find(std::string{request.param("id")});
    if (found == notes.end())
      return harpia::http_response{.status = 404, .body = "no such note"};
    return harpia::http_response{.body = found->second};
  });
  app.put("/notes/:id", [&](const harpia::request& request) {
    notes[std::string{request.param("id")}] = request.body();
    return harpia::http_response{.status = 204};
  }, {.max_body = 4096});  // bytes; a larger body gets 413
  // [pages]
  BOOST_TEST(world.get("/notes/1").status == 404);
  BOOST_TEST(world.http("PUT", "/notes/1", {}, "milk").status == 204);
  BOOST_TEST(world.get("/notes/1").body == "milk");
  BOOST_TEST(world.http("PUT", "/notes/1", {}, std::string(4097, 'x')).status == 413);
  BOOST_TEST(world.http("DELETE", "/notes/1").status == 405);
}

BOOST_AUTO_TEST_CASE(json_is_read_by_a_codec) {
  testing::world world;
  auto& app = world.app();
  // [json]
  app.post("/notes", [](const harpia::request& request) {
    const auto codec = harpia::json<note>;
    const auto made = codec.decode(request.body());
    if (!made)
      return harpia::http_response{.status = 400, .body = made.failure().what};
    return harpia::http_response{.status = 201, .body = codec.encode(made.value()), .content_type = "application/json"};
  });
  // [json]
  BOOST_TEST(world.http("POST", "/notes", {}, R"({"title":"milk","column":2})").body == R"({"title":"milk","column":2})");
  BOOST_TEST(world.http("POST", "/notes", {}, "{").status == 400);
}

BOOST_AUTO_TEST_CASE(a_page_may_be_answered_later) {
  testing::world world;
  auto& app = world.app();
  const auto store = world.system().spawn(price_store);
  // [later]
  app.get("/price/:symbol", [store](const harpia::request& request, harpia::http_reply reply) {
    reply.self().request(store, 2s, find_atom::value, std::string{request.param("symbol")}).then(
      [reply](const std::string& price) { reply.send({.body = price}); },
      [reply](const caf::error&) { reply.send({.status = 503, .body = "ask again later"}); });
  });
  // [later]
  BOOST_TEST(world.get("/price/eurusd").body == "1.08");
}

BOOST_AUTO_TEST_CASE(events_are_streamed) {
  testing::world world;
  auto& app = world.app();
  // [events]
  app.get("/prices", [](const harpia::request&, harpia::http_reply reply) {
    const auto events = reply.stream({.content_type = "text/event-stream"});
    events.write(to_text(harpia::server_sent_event{.data = "1.08", .event = "eurusd"}));
    events.write(to_text(harpia::server_sent_event{.data = "0.86", .event = "eurgbp"}));
  });  // the last copy of `events` ends the body; a feed keeps one
  // [events]
  BOOST_TEST(world.get("/prices").body == "event: eurusd\ndata: 1.08\n\nevent: eurgbp\ndata: 0.86\n\n");
}

BOOST_AUTO_TEST_CASE(one_login_is_enough) {
  testing::world world{add_login};
  BOOST_TEST(world.get("/board").status == 401);
  BOOST_TEST(world.connect("/board/live").refusal().value().status == 401);
  const auto form = std::pair<std::string, std::string>{"Content-Type", "application/x-www-form-urlencoded"};
  BOOST_TEST(world.http("POST", "/login", {form}, "password=guess").status == 403);
  BOOST_TEST(world.http("POST", "/login", {form}, "password=swordfish").status == 303);
  BOOST_TEST(world.get("/board", {{"Cookie", "session=secret"}}).body == "hello Ann");
  BOOST_TEST(world.connect("/board/live", {.headers = {{"Cookie", "session=secret"}}}).received() == "Ann");
}

BOOST_AUTO_TEST_CASE(pages_of_another_origin_may_be_let_in) {
  testing::world world;
  auto& app = world.app();
  // [cors]
  app.use("/api", harpia::cors({.origins = {"https://app.example"}, .credentials = true}));
  app.get("/api/me", [](const harpia::request&) { return harpia::http_response{.body = "Ann"}; });
  // [cors]
  const auto answer = world.get("/api/me", {{"Origin", "https://app.example"}});
  BOOST_TEST(answer.body == "Ann");
  const std::pair<std::string, std::string> allowed{"Access-Control-Allow-Origin", "https://app.example"};
  BOOST_TEST((std::ranges::find(answer.headers, allowed) != answer.headers.end()));
}

BOOST_AUTO_TEST_CASE(files_are_served_with_options) {
  const harpia::test::temporary_folder site;
  std::ofstream{site.path / "app.1f3a.js"} << "let x;";
  std::ofstream{site.path / "index.html"} << "<h1>hello</h1>";
  testing::world world;
  auto& app = world.app();
  const auto folder = site.path;
  // [files]
  app.serve_files("/", folder);
  app.serve_files("/assets", folder, {.cache_control = "public, max-age=31536000, immutable"});
  // [files]
  BOOST_TEST(world.get("/").body == "<h1>hello</h1>");
  BOOST_TEST(world.get("/assets/app.1f3a.js").body == "let x;");
}

BOOST_AUTO_TEST_SUITE_END()
