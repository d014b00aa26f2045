// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "logged_app.hpp"

#include <harpia/harpia.hpp>

#include <string>
#include <string_view>
#include <utility>

// What the tests of HTTP share.

namespace harpia::test {

inline http_response respond(std::string body) {
  return {.body = std::move(body)};
}

/// An app with pages, and clients that may ask for several of them.
struct http_fixture : logged_app {
  http_fixture() {
    app.get("/hello", [](const harpia::request&) { return respond("hello"); });
    app.post("/echo", [](const harpia::request& asked) { return respond(std::string{asked.body()}); }, {.max_body = 1000});
  }

  [[nodiscard]] raw_client connect() const { return raw_client::tcp(app.port()); }

  /// What one request gets, on a connection of its own.
  [[nodiscard]] http_reply ask(std::string_view line, std::string_view fields = {}, std::string_view body = {}) const {
    auto client = connect();
    return ask(client, line, fields, body);
  }
  /// What one request gets, on a connection that may go on.
  static http_reply ask(raw_client& client, std::string_view line, std::string_view fields = {}, std::string_view body = {}) {
    client.send_raw(request(line, fields, body));
    if (line.starts_with("HEAD"))
      return client.read_head();
    return client.read_reply();
  }
  static std::string request(std::string_view line, std::string_view fields = {}, std::string_view body = {}) {
    auto text = std::string{line} + " HTTP/1.1\r\nHost: x\r\n" + std::string{fields};
    if (!body.empty())
      text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string{body};
  }

  static constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";
};

/// An app with a page at "/" and options of its own.
struct one_page {
  explicit one_page(const app_options& options) : app{options} {
    app.get("/", [](const request&) { return respond("x"); });
  }

  /// Starts it, once.
  [[nodiscard]] raw_client connect() {
    if (app.port() == 0)
      app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
    return raw_client::tcp(app.port());
  }

  harpia::app app;
};

} // namespace harpia::test
