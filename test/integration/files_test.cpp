// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/memory_in_use.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_bridge.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;
namespace test = harpia::test;

namespace {

using namespace std::string_literals;

struct app_fixture {
  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1}); }
  [[nodiscard]] test::http_reply get(std::string_view path) const { return test::raw_client::tcp(app.port()).get(path); }
  [[nodiscard]] test::http_reply ask(std::string_view line, std::string_view fields = {}) const {
    auto client = test::raw_client::tcp(app.port());
    return ask(client, line, fields);
  }
  static test::http_reply ask(test::raw_client& client, std::string_view line, std::string_view fields = {}) {
    client.send_raw(std::string{line} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} + "\r\n");
    return line.starts_with("HEAD") ? client.read_head() : client.read_reply();
  }

  harpia::app app;
};

/// A site on disk, with a secret beside it.
struct files_fixture : app_fixture {
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
    write("site/.well-known/acme", "token");
    write("site/.well-known/.hidden", "hidden");
    write("site/docs/.well-known/x", "hidden");
    write("site/Upper.JS", "let y;");
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

BOOST_FIXTURE_TEST_SUITE(files, files_fixture)

BOOST_AUTO_TEST_CASE(files_have_the_type_of_their_extension) {
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

BOOST_AUTO_TEST_CASE(folders_give_their_index) {
  for (const auto* path : {"/", "/index.html", "/under/prefix/"})
    BOOST_TEST(get(path).body == "<h1>home</h1>", path);
  for (const auto* path : {"/docs/", "/docs/index.html", "/under/prefix/docs/"})
    BOOST_TEST(get(path).body == "<h1>docs</h1>", path);
  check_not_found("/docs/deep");
  check_not_found("/docs/deep/");
}

BOOST_AUTO_TEST_CASE(head_of_a_file_has_no_body) {
  const auto reply = ask("HEAD /style.css");
  BOOST_TEST(reply.status == 200);
  BOOST_TEST(reply.header("Content-Length") == "7");
  BOOST_TEST(reply.body == "");
}

BOOST_AUTO_TEST_CASE(nothing_outside_of_the_folder_is_served) {
  for (const auto* path :
       {"/../secret.txt", "/docs/../../secret.txt", "/%2e%2e/secret.txt", "/%2E%2E%2Fsecret.txt", "/..%2fsecret.txt",
        "/docs/..%2f..%2fsecret.txt", "//../secret.txt", "/..\\secret.txt", "/....//secret.txt", "/../site2/secret.txt",
        "/under/prefix/../secret.txt", "/under/prefix/..%2fsecret.txt", "/.", "/..", "/./"})
    check_not_found(path);
  check_not_found("/" + folder.file("secret.txt"));
  check_not_found("/%2F" + folder.file("secret.txt").substr(1));
}

BOOST_AUTO_TEST_CASE(links_out_of_the_folder_are_not_followed) {
  for (const auto* path : {"/link_out.txt", "/folder_out/secret.txt", "/folder_out/site2/secret.txt", "/empty", "/empty/"})
    check_not_found(path);
}

BOOST_AUTO_TEST_CASE(names_that_start_with_a_dot_are_not_served) {
  for (const auto* path :
       {"/.hidden", "/%2ehidden", "/.git/config", "/.git", "/docs/../.hidden", "/docs/.well-known/x", "/.well-known/.hidden"})
    check_not_found(path);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_404) {
  for (const auto* path : {"/nothing", "/nothing/at/all", "/broken.txt", "/style.css/more", "/style.css%00.txt", "/%00", "/%zz"})
    check_not_found(path);
  check_not_found("/" + std::string(5000, 'x'));
}

BOOST_AUTO_TEST_CASE(files_are_read_when_they_are_asked_for) {
  write("site/new.txt", "first");
  BOOST_TEST(get("/new.txt").body == "first");
  write("site/new.txt", "second");
  BOOST_TEST(get("/new.txt").body == "second");
}

BOOST_FIXTURE_TEST_CASE(a_route_wins_over_a_file, app_fixture) {
  const test::temporary_folder folder;
  std::ofstream{folder.file("page")} << "file";
  app.serve_files("/", folder.path);
  app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "route"}; });
  start();
  BOOST_TEST(get("/page").body == "route");
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_none_is_refused) {
  harpia::router router;
  BOOST_CHECK_EXCEPTION(router.serve_files("/", folder.file("missing")), std::invalid_argument, [&](const auto& thrown) {
    return std::string{thrown.what()}.find(folder.file("missing")) != std::string::npos;
  });
  BOOST_CHECK_THROW(router.serve_files("/", folder.file("secret.txt")), std::invalid_argument);
}

// Which file

BOOST_AUTO_TEST_CASE(a_folder_without_its_slash_is_redirected_with_its_query) {
  const auto place = [this](std::string_view path) {
    const auto reply = get(path);
    BOOST_TEST(reply.status == 301, path);
    return reply.header("Location");
  };
  BOOST_TEST(place("/docs") == "/docs/");
  BOOST_TEST(place("/docs?a=b&c") == "/docs/?a=b&c");
  BOOST_TEST(place("/under/prefix") == "/under/prefix/");
  BOOST_TEST(place("/under/prefix/docs") == "/under/prefix/docs/");
  // Two slashes would name another host.
  BOOST_TEST(place("//docs") == "/docs/");
  BOOST_TEST(place("///docs?x") == "/docs/?x");
  fs::create_directory(folder.path / "site/\\evil");
  write("site/\\evil/index.html", "x");
  BOOST_TEST(place("/\\evil") == "/%5Cevil/");
  check_not_found("/style.css/"); // a file is no folder
}

BOOST_AUTO_TEST_CASE(types_and_names_are_as_users_have_them) {
  BOOST_TEST(get("/Upper.JS").header("Content-Type") == "text/javascript; charset=utf-8");
  BOOST_TEST(get("/.well-known/acme").body == "token"); // RFC 8615
}

BOOST_AUTO_TEST_CASE(a_root_that_is_a_link_may_be_swapped) {
  write("release1/index.html", "one");
  write("release2/index.html", "two");
  fs::create_directory_symlink("release1", folder.path / "current");
  harpia::app deployed;
  deployed.serve_files("/", folder.path / "current");
  deployed.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto page = [&] { return test::raw_client::tcp(deployed.port()).get("/").body; };
  BOOST_TEST(page() == "one");
  fs::create_directory_symlink("release2", folder.path / "next");
  fs::rename(folder.path / "next", folder.path / "current");
  BOOST_TEST(page() == "two");
}

// Whether it has changed

BOOST_AUTO_TEST_CASE(a_file_that_the_client_has_is_not_sent_again) {
  const auto first = get("/style.css");
  const auto tag = first.header("ETag");
  BOOST_TEST(tag.starts_with("\""));
  BOOST_TEST(first.header("Cache-Control") == "no-cache");
  const auto date = first.header("Last-Modified");
  for (const auto& field :
       {"If-None-Match: " + tag, "If-None-Match: \"other\", W/" + tag, "If-None-Match: *"s, "If-Modified-Since: " + date,
        "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT"s, "If-Modified-Since: Fri Nov  6 08:49:37 2094"s}) {
    const auto again = ask("GET /style.css", field + "\r\n");
    BOOST_TEST(again.status == 304, field);
    BOOST_TEST(again.header("ETag") == tag);
    BOOST_TEST(again.header("Content-Length") == "");
    BOOST_TEST(again.header("Content-Type") == "");
    BOOST_TEST(again.body == "");
  }
  for (const auto& field :
       {"If-None-Match: \"other\""s, "If-None-Match: \"other\"\r\nIf-Modified-Since: " + date,
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"s, "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"s,
        "If-Modified-Since: Sun Nov  6 08:49:37 1994"s, "If-Modified-Since: nonsense"s})
    BOOST_TEST(ask("GET /style.css", field + "\r\n").status == 200, field);
  write("site/style.css", "body { color: red }");
  BOOST_TEST(ask("GET /style.css", "If-None-Match: " + tag + "\r\n").body == "body { color: red }");
}

BOOST_AUTO_TEST_CASE(another_version_than_the_one_that_is_meant_is_412) { // RFC 9110, 13.1.1 and 13.1.4
  const auto tag = get("/style.css").header("ETag");
  const auto status = [this](const std::string& fields) { return ask("GET /style.css", fields + "\r\n").status; };
  BOOST_TEST(status("If-Match: \"other\", " + tag) == 200);
  BOOST_TEST(status("If-Match: *") == 200);
  BOOST_TEST(status("If-Match: \"other\"") == 412);
  BOOST_TEST(status("If-Match: W/" + tag) == 412); // strong comparison
  BOOST_TEST(status("If-Match: \"other\"\r\nRange: bytes=0-1") == 412);
  BOOST_TEST(status("If-Match: \"other\"\r\nIf-None-Match: " + tag) == 412);
  BOOST_TEST(status("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 412);
  BOOST_TEST(status("If-Unmodified-Since: Sun, 06 Nov 2094 08:49:37 GMT") == 200);
  BOOST_TEST(status("If-Match: " + tag + "\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 200);
}

BOOST_AUTO_TEST_CASE(how_long_files_are_kept_is_an_option) {
  harpia::app other;
  other.serve_files("/assets", folder.path / "site", {.cache_control = "public, max-age=31536000, immutable"});
  other.serve_files("/plain", folder.path / "site", {.cache_control = ""});
  other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto field = [&](std::string_view path) { return test::raw_client::tcp(other.port()).get(path).header("Cache-Control"); };
  BOOST_TEST(field("/assets/style.css") == "public, max-age=31536000, immutable");
  BOOST_TEST(field("/plain/style.css") == "");
  BOOST_CHECK_THROW(harpia::router{}.serve_files("/", folder.path / "site", {.cache_control = "a\r\nb: c"}),
                    std::invalid_argument);
}

// Parts of it

BOOST_AUTO_TEST_CASE(a_client_may_ask_for_a_range) {
  write("site/digits.bin", "0123456789");
  const auto check = [this](std::string_view range, std::string_view body, std::string_view content_range) {
    const auto reply = ask("GET /digits.bin", "Range: " + std::string{range} + "\r\n");
    BOOST_TEST(reply.status == 206, range);
    BOOST_TEST(reply.body == body, range);
    BOOST_TEST(reply.header("Content-Range") == content_range, range);
    BOOST_TEST(reply.header("Content-Length") == std::to_string(body.size()));
  };
  check("bytes=0-3", "0123", "bytes 0-3/10");
  check("bytes=4-", "456789", "bytes 4-9/10");
  check("bytes=-3", "789", "bytes 7-9/10");
  check("Bytes=0-0", "0", "bytes 0-0/10");
  check("bytes=9-9", "9", "bytes 9-9/10");
  check("bytes=5-99999999999999999999999", "56789", "bytes 5-9/10");
  check("bytes=-99999999999999999999999", "0123456789", "bytes 0-9/10");
  for (const auto* unsatisfiable : {"bytes=10-", "bytes=-0", "bytes=99999999999999999999999-"}) {
    const auto reply = ask("GET /digits.bin", "Range: "s + unsatisfiable + "\r\n");
    BOOST_TEST(reply.status == 416, unsatisfiable);
    BOOST_TEST(reply.header("Content-Range") == "bytes */10");
  }
  // What is not understood is ignored.
  for (const auto* other :
       {"bytes=0-1,3-4", "bytes=3-2", "bytes=", "bytes=-", "bytes=x-y", "bytes=1-x", "lines=1-2", "bytes=1", "bytes=--1"}) {
    const auto reply = ask("GET /digits.bin", "Range: "s + other + "\r\n");
    BOOST_TEST(reply.status == 200, other);
    BOOST_TEST(reply.body == "0123456789", other);
    BOOST_TEST(reply.header("Accept-Ranges") == "bytes");
  }
}

BOOST_AUTO_TEST_CASE(a_range_is_one_of_the_version_that_the_client_has) {
  write("site/digits.bin", "0123456789");
  const auto whole = get("/digits.bin");
  const auto status = [this](const std::string& version) {
    return ask("GET /digits.bin", "Range: bytes=0-3\r\nIf-Range: " + version + "\r\n").status;
  };
  BOOST_TEST(status(whole.header("ETag")) == 206);
  BOOST_TEST(status(whole.header("Last-Modified")) == 206);
  BOOST_TEST(status("W/" + whole.header("ETag")) == 200); // a weak one names no bytes
  BOOST_TEST(status("\"other\"") == 200);
  BOOST_TEST(status("Sun, 06 Nov 1994 08:49:37 GMT") == 200);
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_no_range) {
  write("site/empty.txt", "");
  BOOST_TEST(get("/empty.txt").header("Content-Length") == "0");
  BOOST_TEST(ask("GET /empty.txt", "Range: bytes=0-\r\n").status == 416);
  BOOST_TEST(ask("GET /empty.txt", "Range: bytes=-1\r\n").status == 416);
}

// What lies beside it

BOOST_AUTO_TEST_CASE(what_was_compressed_beforehand_is_sent_to_those_who_accept_it) {
  write("site/app.css", "plain");
  write("site/app.css.gz", "gzipped");
  write("site/app.css.br", "brotli");
  const auto check = [this](std::string_view accepted, std::string_view body, std::string_view coding) {
    const auto reply = ask("GET /app.css", "Accept-Encoding: " + std::string{accepted} + "\r\n");
    BOOST_TEST(reply.body == body, accepted);
    BOOST_TEST(reply.header("Content-Encoding") == coding, accepted);
    BOOST_TEST(reply.header("Content-Type") == "text/css; charset=utf-8");
    BOOST_TEST(reply.header("Vary") == "Accept-Encoding");
    return reply.header("ETag");
  };
  const auto plain = check("", "plain", "");
  const auto brotli = check("gzip, deflate, br", "brotli", "br");
  const auto gzip = check("gzip", "gzipped", "gzip");
  check("GZIP;q=0.5", "gzipped", "gzip");
  check("br;q=0, gzip", "gzipped", "gzip");
  check("gzip;q=0", "plain", "");
  check("*", "brotli", "br");
  check("*, br;q=0.0", "gzipped", "gzip");
  check("identity, *;q=0", "plain", "");
  BOOST_TEST(plain != brotli);
  BOOST_TEST(plain != gzip);
  BOOST_TEST(brotli != gzip);
  BOOST_TEST(ask("GET /app.css", "Accept-Encoding: br\r\nIf-None-Match: " + brotli + "\r\n").status == 304);
  BOOST_TEST(ask("GET /app.css", "Accept-Encoding: br\r\nIf-None-Match: " + plain + "\r\n").status == 200);
  BOOST_TEST(get("/style.css").header("Vary") == "");
  BOOST_TEST(get("/app.css.gz").header("Content-Type") == "application/gzip");
  // A link may lead anywhere.
  fs::remove(folder.path / "site/app.css.br");
  fs::create_symlink("../secret.txt", folder.path / "site/app.css.br");
  check("br", "plain", "");
  fs::remove(folder.path / "site/app.css.br");
  write("site/app.css.br", "brotli");
  // One that is older than the file belongs to a former version of it.
  fs::last_write_time(folder.path / "site/app.css.br", fs::last_write_time(folder.path / "site/app.css") - std::chrono::hours{1});
  check("br", "plain", "");
}

// How it is sent

BOOST_AUTO_TEST_CASE(several_files_come_on_one_connection) {
  auto client = test::raw_client::tcp(app.port());
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(ask(client, "GET /style.css").body == "body {}");
    BOOST_TEST(ask(client, "GET /docs").status == 301);
    BOOST_TEST(ask(client, "GET /nothing").status == 404);
  }
}

BOOST_AUTO_TEST_CASE(a_large_file_arrives_whole) {
  std::string large;
  while (large.size() < (std::size_t{20} << 20))
    large += std::to_string(large.size()) + ",";
  write("site/large.bin", large);
  auto client = test::raw_client::tcp(app.port());
  client.send_raw("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /style.css HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST((client.read_reply().body == large));
  BOOST_TEST(client.read_reply().body == "body {}");
  BOOST_TEST((get("/large.bin").body == large)); // and on a connection that ends with it
}

BOOST_AUTO_TEST_CASE(large_files_and_streams_arrive_whole_over_tls) {
  std::string large;
  while (large.size() < (std::size_t{8} << 20))
    large += std::to_string(large.size()) + ",";
  write("site/large.bin", large);
  harpia::app secure;
  secure.serve_files("/", folder.path / "site");
  secure.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    const auto stream = reply.stream();
    for (std::size_t from = 0; from < large.size(); from += 100'000)
      stream.write(std::string_view{large}.substr(from, 100'000));
  });
  secure.start({.port = 0,
                .hostname = "127.0.0.1",
                .tls = {.cert = test::certificate("server.pem"), .key = test::certificate("server.key")},
                .threads = 1});
  test::tls_bridge bridge{secure.port()};
  auto client = test::raw_client::over(bridge.take_plain());
  for (const auto* path : {"/large.bin", "/stream", "/large.bin"}) {
    client.send_raw("GET "s + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    BOOST_TEST((client.read_reply().body == large));
  }
  client.send_raw("GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  BOOST_TEST((client.read_reply().body == large));
  BOOST_TEST(client.at_eof());
  client.close();
  BOOST_TEST(bridge.ended_in_order());
}

BOOST_AUTO_TEST_CASE(clients_that_do_not_read_cost_no_memory_and_no_time) {
  write("site/large.bin", std::string(std::size_t{20} << 20, 'x'));
  const auto before = test::memory_in_use();
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(test::raw_client::tcp(app.port(), {.receive_buffer = 4096}));
    clients.back().send_raw("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(ask("HEAD /large.bin").header("Content-Length") == std::to_string(std::size_t{20} << 20));
  BOOST_TEST(get("/style.css").body == "body {}");
  BOOST_TEST(test::memory_in_use() - before < std::size_t{16} << 20);
}

BOOST_AUTO_TEST_CASE(clients_that_go_while_a_file_is_sent_end_nothing_else) { // no SIGPIPE ends the process
  write("site/large.bin", std::string(std::size_t{20} << 20, 'x'));
  const auto path = folder.file("socket");
  app.start({.unix = path});
  for (int i = 0; i < 20; ++i) {
    auto over_unix = test::raw_client::unix_socket(path);
    over_unix.send_raw("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    BOOST_TEST(over_unix.read_head().status == 200);
    over_unix.close();
    auto over_tcp = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
    over_tcp.send_raw("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    BOOST_TEST(over_tcp.read_head().status == 200);
    over_tcp.shutdown_write();
    over_tcp.close();
  }
  BOOST_TEST(get("/style.css").body == "body {}");
}

BOOST_AUTO_TEST_CASE(a_file_that_becomes_shorter_while_it_is_sent_ends_the_connection) {
  write("site/shrinking.bin", std::string(std::size_t{20} << 20, 'x'));
  auto client = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  client.send_raw("GET /shrinking.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(client.read_head().status == 200);
  fs::resize_file(folder.path / "site/shrinking.bin", 10);
  BOOST_TEST(client.read_to_end().size() < (std::size_t{20} << 20));
  BOOST_TEST(get("/style.css").body == "body {}");
}

BOOST_AUTO_TEST_SUITE_END()
