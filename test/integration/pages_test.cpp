// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fs = std::filesystem;
namespace test = harpia::test;

namespace {

using namespace std::string_literals;

struct pages_fixture {
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }
  [[nodiscard]] test::http_reply get(std::string_view path) const { return test::raw_client::tcp(app.port()).get(path); }
  [[nodiscard]] test::http_reply ask(std::string_view method, std::string_view path) const {
    return test::raw_client::tcp(app.port())
        .http(std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  harpia::app app;
};

/// A site on disk, with a secret beside it.
struct files_fixture : pages_fixture {
  files_fixture() {
    write("site/index.html", "<h1>home</h1>");
    write("site/style.css", "body {}");
    write("site/app.js", "let x;");
    write("site/data.json", "{}");
    write("site/picture.svg", "<svg/>");
    write("site/unknown.xyz", "?");
    write("site/no_extension", "?");
    write("site/with space.txt", "space");
    write("site/.hidden", "hidden");
    write("site/.git/config", "hidden");
    write("site/docs/index.html", "<h1>docs</h1>");
    write("site/docs/deep/page.html", "deep");
    write("secret.txt", "secret");
    write("site2/secret.txt", "secret"); // begins with the name of the served folder
    fs::create_directory(folder.path / "site/empty");
    fs::create_symlink(folder.path / "secret.txt", folder.path / "site/link_out.txt");
    fs::create_directory_symlink(folder.path, folder.path / "site/folder_out");
    fs::create_symlink("style.css", folder.path / "site/link_in.css");
    fs::create_symlink("nowhere", folder.path / "site/broken.txt");
    fs::create_symlink("../secret.txt", folder.path / "site/empty/index.html");
    app.serve_files("/", folder.path / "site");
    app.serve_files("/under/prefix", folder.path / "site");
    start();
  }

  void write(const std::string& name, std::string_view content) const {
    const auto path = folder.path / name;
    fs::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << content;
  }

  void check_not_found(std::string_view path) const {
    const auto reply = get(path);
    BOOST_TEST(reply.status == 404, path);
    BOOST_TEST(reply.body.find("secret") == std::string::npos, path);
    BOOST_TEST(reply.body.find("hidden") == std::string::npos, path);
  }

  test::temporary_folder folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(pages)

// Handlers

BOOST_FIXTURE_TEST_CASE(a_page_answers_get, pages_fixture) {
  app.get("/hello/:name", [](const harpia::request& asked) {
    return harpia::http_response{.status = 201,
                                 .body = std::string{asked.param("name")} + asked.query("x").value_or(""),
                                 .content_type = "text/x",
                                 .headers = {{"X-Own", "1"}, {"Set-Cookie", "a=b"}, {"Set-Cookie", "c=d"}}};
  });
  start();
  const auto reply = get("/hello/caf%C3%A9?x=%21");
  BOOST_TEST(reply.status == 201);
  BOOST_TEST(reply.reason == "Created");
  BOOST_TEST(reply.body == "caf\xc3\xa9!");
  BOOST_TEST(reply.header("Content-Type") == "text/x");
  BOOST_TEST(reply.header("Content-Length") == std::to_string(reply.body.size()));
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(reply.header("X-Own") == "1");
  BOOST_TEST(!reply.header("Date").empty());
}

BOOST_FIXTURE_TEST_CASE(head_gets_the_header_section_of_get, pages_fixture) {
  app.get("/", [](const harpia::request&) { return harpia::http_response{.body = "hello"}; });
  start();
  const auto reply = ask("HEAD", "/");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.header("Content-Length") == "5");
  BOOST_TEST(reply.body == "");
}

BOOST_FIXTURE_TEST_CASE(other_methods_are_405, pages_fixture) {
  app.get("/", [](const harpia::request&) { return harpia::http_response{}; });
  start();
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "PROPFIND"}) {
    const auto reply = ask(method, "/");
    BOOST_TEST(reply.status == 405);
    BOOST_TEST(reply.header("Allow") == "GET, HEAD, OPTIONS");
  }
  const auto reply = ask("OPTIONS", "/");
  BOOST_TEST(reply.status == 204);
  BOOST_TEST(reply.header("Allow") == "GET, HEAD, OPTIONS");
}

BOOST_FIXTURE_TEST_CASE(a_large_page_arrives_whole, pages_fixture) {
  const std::string large(8 << 20, 'x');
  app.get("/", [&](const harpia::request&) { return harpia::http_response{.body = large}; });
  start();
  BOOST_TEST((get("/").body == large));
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_throws_is_500_and_tells_nothing, pages_fixture) {
  app.get("/exception", [](const harpia::request&) -> harpia::http_response { throw std::runtime_error{"inner secret"}; });
  app.get("/number", [](const harpia::request&) -> harpia::http_response { throw 42; });
  app.get("/status", [](const harpia::request&) { return harpia::http_response{.status = 99}; });
  app.get("/upgrade", [](const harpia::request&) { return harpia::http_response{.status = 101}; });
  app.get("/fine", [](const harpia::request&) { return harpia::http_response{.body = "fine"}; });
  start();
  for (const auto* path : {"/exception", "/number", "/status", "/upgrade"}) {
    const auto reply = get(path);
    BOOST_TEST(reply.status == 500, path);
    BOOST_TEST(reply.body.find("secret") == std::string::npos);
  }
  BOOST_TEST(get("/fine").body == "fine");
}

BOOST_FIXTURE_TEST_CASE(a_response_with_fields_that_would_split_it_is_500, pages_fixture) {
  app.get("/", [](const harpia::request& asked) {
    const auto given = asked.query("x").value_or("");
    return harpia::http_response{.body = "hello", .content_type = given, .headers = {{"X-Given", given}}};
  });
  start();
  const auto reply = get("/?x=a%0D%0AEvil:%20b");
  BOOST_TEST(reply.status == 500);
  BOOST_TEST(reply.header("Evil") == "");
  BOOST_TEST(get("/?x=fine").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_page_and_a_websocket_may_share_a_path, pages_fixture) {
  app.get("/both", [](const harpia::request&) { return harpia::http_response{.body = "the page"}; });
  app.ws<harpia::no_data>("/both", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  start();
  BOOST_TEST(get("/both").body == "the page");
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/both").status == 101);
  client.send_text("the socket");
  BOOST_TEST(client.read_text() == "the socket");
}

BOOST_FIXTURE_TEST_CASE(a_page_that_stops_the_app_is_still_answered, pages_fixture) {
  app.get("/stop", [&](const harpia::request&) {
    app.stop();
    return harpia::http_response{.body = std::string(1 << 20, 'x')};
  });
  start();
  BOOST_TEST(get("/stop").body.size() == (1u << 20));
  app.wait();
}

// Files

BOOST_FIXTURE_TEST_CASE(files_have_the_type_of_their_extension, files_fixture) {
  const auto check = [&](std::string_view path, std::string_view type, std::string_view body) {
    const auto reply = get(path);
    BOOST_TEST(reply.status == 200, path);
    BOOST_TEST(reply.header("Content-Type") == type, path);
    BOOST_TEST(reply.header("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(reply.body == body, path);
  };
  check("/style.css", "text/css; charset=utf-8", "body {}");
  check("/app.js", "text/javascript; charset=utf-8", "let x;");
  check("/data.json", "application/json", "{}");
  check("/picture.svg", "image/svg+xml", "<svg/>");
  check("/unknown.xyz", "application/octet-stream", "?");
  check("/no_extension", "application/octet-stream", "?");
  check("/with%20space.txt", "text/plain; charset=utf-8", "space");
  check("/docs/deep/page.html", "text/html; charset=utf-8", "deep");
  check("/style.css?version=2", "text/css; charset=utf-8", "body {}");
  check("/link_in.css", "text/css; charset=utf-8", "body {}");
}

BOOST_FIXTURE_TEST_CASE(folders_give_their_index, files_fixture) {
  for (const auto* path : {"/", "/index.html", "/under/prefix", "/under/prefix/"})
    BOOST_TEST(get(path).body == "<h1>home</h1>", path);
  for (const auto* path : {"/docs", "/docs/", "/docs/index.html", "/under/prefix/docs"})
    BOOST_TEST(get(path).body == "<h1>docs</h1>", path);
  check_not_found("/docs/deep");
  check_not_found("/docs/deep/");
}

BOOST_FIXTURE_TEST_CASE(head_of_a_file_has_no_body, files_fixture) {
  const auto reply = ask("HEAD", "/style.css");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.header("Content-Length") == "7");
  BOOST_TEST(reply.body == "");
}

BOOST_FIXTURE_TEST_CASE(nothing_outside_of_the_folder_is_served, files_fixture) {
  for (const auto* path :
       {"/../secret.txt", "/docs/../../secret.txt", "/%2e%2e/secret.txt", "/%2E%2E%2Fsecret.txt", "/..%2fsecret.txt",
        "/docs/..%2f..%2fsecret.txt", "//../secret.txt", "/..\\secret.txt", "/....//secret.txt", "/../site2/secret.txt",
        "/under/prefix/../secret.txt", "/under/prefix/..%2fsecret.txt", "/.", "/..", "/./"})
    check_not_found(path);
  check_not_found("/" + folder.file("secret.txt"));
  check_not_found("/%2F" + folder.file("secret.txt").substr(1));
}

BOOST_FIXTURE_TEST_CASE(links_out_of_the_folder_are_not_followed, files_fixture) {
  for (const auto* path : {"/link_out.txt", "/folder_out/secret.txt", "/folder_out/site2/secret.txt", "/empty", "/empty/"})
    check_not_found(path);
}

BOOST_FIXTURE_TEST_CASE(names_that_start_with_a_dot_are_not_served, files_fixture) {
  for (const auto* path : {"/.hidden", "/%2ehidden", "/.git/config", "/.git", "/docs/../.hidden"})
    check_not_found(path);
}

BOOST_FIXTURE_TEST_CASE(what_is_not_there_is_404, files_fixture) {
  for (const auto* path : {"/nothing", "/nothing/at/all", "/broken.txt", "/style.css/more", "/style.css%00.txt", "/%00", "/%zz"})
    check_not_found(path);
  check_not_found("/" + std::string(5000, 'x'));
}

BOOST_FIXTURE_TEST_CASE(files_are_read_when_they_are_asked_for, files_fixture) {
  write("site/new.txt", "first");
  BOOST_TEST(get("/new.txt").body == "first");
  write("site/new.txt", "second");
  BOOST_TEST(get("/new.txt").body == "second");
}

BOOST_FIXTURE_TEST_CASE(a_route_wins_over_a_file, pages_fixture) {
  const test::temporary_folder folder;
  std::ofstream{folder.file("page")} << "file";
  app.serve_files("/", folder.path);
  app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "route"}; });
  start();
  BOOST_TEST(get("/page").body == "route");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_none_is_refused, files_fixture) {
  harpia::router router;
  BOOST_CHECK_EXCEPTION(router.serve_files("/", folder.file("missing")), std::invalid_argument, [&](const auto& thrown) {
    return std::string{thrown.what()}.find(folder.file("missing")) != std::string::npos;
  });
  BOOST_CHECK_THROW(router.serve_files("/", folder.file("secret.txt")), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
